/** The header that has a browser save a body under this name. RFC 6266, with RFC 8187 for what ASCII lacks. */
export function attachment(fileName: string): string {
  const plain = fileName.replaceAll(/[^ -~]|["\\%/]/g, '_');
  if (plain === fileName) return `attachment; filename="${plain}"`;
  const encoded = encodeURIComponent(fileName).replaceAll(
    /['()*!]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
