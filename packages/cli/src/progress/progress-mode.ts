export const progressModes = ['auto', 'bar', 'plain', 'none'] as const;

export type ProgressMode = (typeof progressModes)[number];
