import { useEffect, useState } from 'react';
import { dayIn, type Day } from '../period/days';

const CHECK_MILLIS = 30_000;

/** The current day in a time zone; a page left open moves on at midnight. */
export function useToday(timeZone: string): Day {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), CHECK_MILLIS);
    return () => clearInterval(timer);
  }, []);
  return dayIn(timeZone, now);
}
