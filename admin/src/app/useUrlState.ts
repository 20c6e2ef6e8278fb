import { useMemo } from 'react';
import { readUrl, useSearch, type UrlState } from '../period/urlState';

export function useUrlState(): UrlState {
  const search = useSearch();
  return useMemo(() => readUrl(search), [search]);
}
