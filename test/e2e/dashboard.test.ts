import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DimgxClient } from '@dimgx/client';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { commandPath } from '../support/parts/command-path.ts';
import { needs } from '../support/parts/needs.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const key = 'a-key-for-the-dashboard';
const patient = { timeout: 20_000 };

needs('redis', 'browser')('the dashboard in a browser', () => {
  let browser: Browser;
  let service: Service;
  let page: Page;
  let archive: string;
  /** What the page complained about: refused scripts, exceptions, failed requests. */
  let complaints: string[];

  beforeAll(async () => {
    service = await startService({ folder: join(inject('runFolder'), randomUUID()) });
    const path = join(service.images, 'app.tar');
    await writeFile(path, dockerArchive({ layers: [layer().file('f', 'x')], tags: ['app:1'] }, 'docker-25'));
    archive = `docker-archive:${path}`;
    const executablePath = commandPath('chromium');
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(patient.timeout);
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(() => page.close());

  const open = (address = '', url = service.api.url) => page.goto(`${url}/${address}`);
  const main = () => page.locator('main');

  test('an image is submitted and followed to its artifact', async () => {
    await open();
    await page.getByLabel('Image to flatten').fill(archive);
    await page.getByRole('button', { name: 'Flatten' }).click();
    await page.locator('.state.completed').waitFor();
    const text = await main().innerText();
    expect(text).toContain(archive);
    expect(text).toMatch(/SHA-256\s+sha256:[0-9a-f]{64}/);
    expect(text).toMatch(/the image is sha256:/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.tar\.zst$/);
    expect(complaints).toEqual([]);
  });

  test('a job that waits is cancelled, found by its state, and done again', async () => {
    const { id } = await service.client.submit({ image: archive, pool: 'nobody' });
    await open(`#/jobs/${id}`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('.state.cancelled').waitFor();
    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('link', { name: /cancelled$/ }).click();
    await page.locator('.tile.cancelled[aria-current]').waitFor();
    expect(await page.locator('.tile[aria-current]').count()).toBe(1);
    await page.locator(`a[href="#/jobs/${id}"]`).click();
    await page.getByRole('button', { name: 'Do it again' }).click();
    await page.locator('.state.queued').waitFor();
    expect(await main().innerText()).toMatch(`Does again\n${id}`);
    expect(complaints).toEqual([]);
  });

  test('what a request says is text, whatever it looks like', async () => {
    const label = '<img src=x onerror=alert(1)>';
    const { id } = await service.client.submit({ image: archive, labels: { note: label } });
    await open(`#/jobs/${id}`);
    await page.getByText(`note=${label}`).waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });

  test.each([
    ['batches', 'There is no batch'],
    ['schedules', 'There is no schedule'],
    ['triggers', 'There is no trigger'],
    ['artifacts', 'Uncompressed'],
    ['workers', 'Jobs at a time'],
    ['nothing-that-is-there', 'Nothing is at #/nothing-that-is-there'],
    ['constructor', 'Nothing is at #/constructor'],
  ])('#/%s says %s', async (room, text) => {
    await service.client.submit({ image: archive, pool: 'nobody' });
    await open(`#/${room}`);
    await page.getByText(text).first().waitFor();
    expect(complaints).toEqual([]);
  });

  test('on a narrow screen nothing is wider than the page, and cells say what they are', async () => {
    const { id } = await service.client.submit({
      image: `${archive}${'-and-more'.repeat(20)}`,
      pool: 'nobody',
    });
    await page.setViewportSize({ width: 360, height: 700 });
    for (const room of ['jobs', `jobs/${id}`, 'batches', 'schedules', 'triggers', 'artifacts', 'workers']) {
      await open(`#/${room}`);
      await main().locator('td, dd').first().waitFor();
      const tooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
      expect({ room, tooWide: await page.evaluate(tooWide) }).toEqual({ room, tooWide: false });
    }
    await open('#/jobs');
    await main().getByRole('table', { name: 'Jobs' }).getByRole('cell').first().waitFor();
    const title = 'getComputedStyle(document.querySelector("td"), "::before").content';
    expect(await page.evaluate(title)).toBe('"State"');
  });

  test('times are those of the reader, and the page says of which zone', async () => {
    const { id } = await service.client.submit({ image: archive, pool: 'nobody' });
    const { createdAt } = await service.client.job(id);
    const context = await browser.newContext({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    try {
      const far = await context.newPage();
      await far.goto(`${service.api.url}/#/jobs/${id}`);
      const shown = await far.locator(`time[datetime="${createdAt}"]`).first().innerText();
      const there = new Date(Date.parse(createdAt) + 9 * 3_600_000).toISOString();
      expect(shown).toContain(there.slice(11, 19));
      expect(await far.getByRole('contentinfo').innerText()).toBe('Times are in Asia/Tokyo.');
    } finally {
      await context.close();
    }
  });

  test('a service that is away is told, and when it is back the page goes on', async () => {
    const { id } = await service.client.submit({ image: archive, pool: 'nobody' });
    await open(`#/jobs/${id}`);
    await page.getByRole('button', { name: 'Cancel' }).focus();
    await page.route('**/v1/**', (route) => route.abort());
    await page.getByText(/^SERVICE_UNREACHABLE: .*goes on by itself/).waitFor();
    await page.unroute('**/v1/**');
    await page.locator('main:not(.old)').waitFor();
    expect(await page.locator('#notice').innerText()).toBe('');
    // Who was about to press it still is.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel');
  });

  test('a job that is not there is told in one line', async () => {
    await open(`#/jobs/${randomUUID()}`);
    await page.getByText(/^JOB_NOT_FOUND: /).waitFor();
  });

  describe('where a key is wanted', () => {
    let closed: Service;
    let keys: DimgxClient['keys'];
    beforeAll(async () => {
      const folder = join(inject('runFolder'), randomUUID());
      closed = await startService({ folder, api: { apiKeys: [key] }, worker: false });
      keys = new DimgxClient({ url: closed.api.url, token: key }).keys;
    });
    afterAll(() => closed?.close());

    const dialog = () => page.getByRole('dialog');
    const give = async (given: string) => {
      await page.getByLabel('Key', { exact: true }).fill(given);
      await page.getByRole('button', { name: 'Use it' }).click();
    };
    const nothing = () => page.getByText('No job is like that.');

    test('it is asked for, used, and forgotten with the tab', async () => {
      await open('', closed.api.url);
      await give(key);
      await nothing().waitFor();
      expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).toBe('{}');
    });

    test('a wrong one, and one that is revoked, are told in the dialog, which comes back', async () => {
      await open('', closed.api.url);
      await give('a-wrong-key');
      await dialog().getByText('UNAUTHORIZED: the API key is not known here, or revoked').waitFor();
      const { id, key: right } = await keys.create({ name: 'reader', scopes: ['read'] });
      await give(right);
      await nothing().waitFor();
      await keys.revoke(id);
      await dialog().getByText('UNAUTHORIZED: the API key is not known here, or revoked').waitFor();
    });

    test('what no header can carry is not taken', async () => {
      await open('', closed.api.url);
      await give('schl\u00fcssel');
      expect(await dialog().isVisible()).toBe(true);
      expect(await page.evaluate('document.querySelector("#key-input").validity.patternMismatch')).toBe(true);
    });

    test('who has none sees why there is nothing, and can come back to it', async () => {
      await open('', closed.api.url);
      await dialog().waitFor();
      await page.keyboard.press('Escape');
      await page.getByText(/^UNAUTHORIZED: an API key is needed/).waitFor();
      await page.getByRole('button', { name: 'Key' }).click();
      await give(key);
      await nothing().waitFor();
      expect(await page.locator('#notice').innerText()).toBe('');
    });

    test('one that lacks a scope says which', async () => {
      const [sender, reader] = await Promise.all([
        keys.create({ name: 'sender', scopes: ['submit'] }),
        keys.create({ name: 'reader', scopes: ['read'] }),
      ]);
      await open('', closed.api.url);
      await give(sender.key);
      await page.getByText('FORBIDDEN: this needs the scope read, and the API key has submit').waitFor();
      await page.getByRole('button', { name: 'Key' }).click();
      await give(reader.key);
      await nothing().waitFor();
      await page.getByLabel('Image to flatten').fill('debian:12');
      await page.getByRole('button', { name: 'Flatten' }).click();
      await page.getByText('FORBIDDEN: this needs the scope submit, and the API key has read').waitFor();
    });
  });
});
