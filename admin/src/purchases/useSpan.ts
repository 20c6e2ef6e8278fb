import { useFormat } from '../i18n/useFormat';

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** Writes a number of seconds as its two greatest units: "2 days, 5 hours". */
export function useSpan(): (seconds: number) => string {
  const { locale } = useFormat();
  return (seconds) => {
    let rest = Math.max(0, seconds);
    const parts: string[] = [];
    for (const [unit, size] of UNITS) {
      const count = Math.floor(rest / size);
      rest -= count * size;
      if (count > 0 && parts.length < 2) {
        parts.push(new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count));
      }
    }
    if (parts.length === 0) {
      parts.push(new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'long' }).format(rest));
    }
    return new Intl.ListFormat(locale, { type: 'unit', style: 'short' }).format(parts);
  };
}
