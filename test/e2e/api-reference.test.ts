import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { commandPath } from '../support/parts/command-path.ts';
import { needs } from '../support/parts/needs.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const key = 'a-key-for-the-reference';

needs('redis', 'browser')('the page of the API in a browser', () => {
  let browser: Browser;
  let service: Service;
  let page: Page;
  const asked: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    const folder = join(inject('runFolder'), randomUUID());
    service = await startService({ folder, worker: false, api: { apiKeys: [key] } });
    const executablePath = commandPath('chromium');
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
    page.setDefaultTimeout(20_000);
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${service.api.url}/docs/`);
    await page.getByText('Powered by Scalar').first().waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });

  test('it has a name and the icon of the dashboard', async () => {
    expect(await page.title()).toBe('dimgx HTTP API');
    const icon = await page.locator('link[rel=icon]').getAttribute('href');
    expect((await fetch(new URL(`${icon}`, service.api.url))).status).toBe(200);
    expect(icon).toBe('/dashboard/icon.svg');
  });

  test.each(['Deploy', 'Share', 'Generate', 'Developer Tools', 'Ask AI', 'Open API Client'])(
    'it has no %s',
    async (name) => {
      expect(await page.getByRole('button', { name }).count()).toBe(0);
      expect(await page.getByRole('link', { name }).count()).toBe(0);
    },
  );

  test('the key is asked for, and a request can be tried with it', async () => {
    await page.getByPlaceholder('Token').first().fill(key);
    await page.getByRole('button', { name: /test request \(post \/v1\/jobs\)/i }).click();
    const [request] = await Promise.all([
      page.waitForRequest(`${service.api.url}/v1/jobs`),
      page.getByRole('button', { name: /^send/i }).first().click(),
    ]);
    expect(await request.headerValue('authorization')).toBe(`Bearer ${key}`);
    // What it would send as an example is no image.
    expect((await request.response())?.status()).toBe(400);
  });

  test('it asks nobody else, and its policy lets it do all that it does', () => {
    expect(new Set(asked)).toEqual(new Set([service.api.url]));
    expect(complaints.filter((text) => !text.includes('status of 400'))).toEqual([]);
  });
});
