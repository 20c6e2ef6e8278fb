import type { DayFigures } from '../api/types';
import type { MessageId } from '../i18n/useFormat';

/** A line of the chart: told apart by colour, by dash and by the shape of its points. */
export interface Series {
  id: 'delivered' | 'read' | 'clicks' | 'conversions';
  label: MessageId;
  dash: string;
  value: (day: DayFigures) => number;
}

export const SERIES: readonly Series[] = [
  { id: 'delivered', label: 'chart.delivered', dash: '', value: (day) => day.delivered },
  { id: 'read', label: 'chart.read', dash: '7 4', value: (day) => day.read },
  { id: 'clicks', label: 'chart.clicks', dash: '2 4', value: (day) => day.totalClicks },
  { id: 'conversions', label: 'chart.conversions', dash: '10 4 2 4', value: (day) => day.conversions.total },
];
