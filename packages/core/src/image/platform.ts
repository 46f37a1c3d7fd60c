/** OCI image-index.md, `platform`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** `os/arch[/variant]`, as in `--platform linux/arm64/v8`; undefined if the text is not of that form. */
export function parsePlatform(text: string): Platform | undefined {
  const match = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9.]+))?$/.exec(text);
  if (match === null) return undefined;
  const [, os = '', architecture = '', variant] = match;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** `os/arch[/variant]`, as `parsePlatform` reads it. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** Whether an image made for `offered` is what somebody who asks for `wanted` gets. A wish without a variant takes any. */
export function platformMatches(wanted: Platform, offered: Platform): boolean {
  if (wanted.os !== offered.os || wanted.architecture !== offered.architecture) return false;
  return wanted.variant === undefined || wanted.variant === (offered.variant ?? defaultVariant(offered));
}

function defaultVariant(platform: Platform): string | undefined {
  return platform.architecture === 'arm64' ? 'v8' : undefined;
}

/** The platform of this machine in the spec's words: Linux, whatever runs this, since images are Linux's here. */
export function hostPlatform(nodeArchitecture: string): Platform {
  const names: Record<string, string> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm' };
  return { os: 'linux', architecture: names[nodeArchitecture] ?? nodeArchitecture };
}
