/** The zone whose days are shown until the store's own is known. */
export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
