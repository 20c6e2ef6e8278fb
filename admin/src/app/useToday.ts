import { useEffect, useState } from 'react';
import { dayIn, type Day } from '../period/days';

const CHECK_MILLIS = 30_000;

/** The current day in a time zone; a page left open moves on at midnight. */
export function useToday(timeZone: string): Day {
  const [, setDay] = useState('');
  const now = dayIn(timeZone, new Date());
  useEffect(() => {
    // The state is the day, not the instant: nothing is drawn anew as long as it is the same one.
    const timer = setInterval(() => setDay(dayIn(timeZone, new Date())), CHECK_MILLIS);
    return () => clearInterval(timer);
  }, [timeZone]);
  return now;
}
