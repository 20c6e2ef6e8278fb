import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { unwrap } from '../api/client';
import { useApp } from '../app/AppContext';
import type {
  Campaign,
  CampaignSending,
  Connection,
  NewConnection,
  NewSending,
  OptOut,
  Sending,
  Template,
} from './types';

/** How often templates are asked after while Meta judges one of them. */
const JUDGED_MILLIS = 5_000;

export function useSending(): UseQueryResult<Sending> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['sending'],
    queryFn: ({ signal }) => unwrap(api.GET('/account/sending', { signal })),
  });
}

export function useTemplates(): UseQueryResult<Template[]> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['templates'],
    queryFn: async ({ signal }) => (await unwrap(api.GET('/templates', { signal }))).items,
    refetchInterval: ({ state }) => (state.data?.some((each) => each.state === 'pending') ? JUDGED_MILLIS : false),
  });
}

export function useConnect() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<Connection, Error, NewConnection>({
    mutationFn: (body) => unwrap(api.PUT('/account/whatsapp', { body })),
    onSuccess: () => client.invalidateQueries(),
  });
}

export function useDisconnect() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.DELETE('/account/whatsapp')),
    onSettled: () => client.invalidateQueries(),
  });
}

export function useSaveSending() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<Sending, Error, NewSending>({
    mutationFn: (body) => unwrap(api.PUT('/account/sending', { body })),
    onSuccess: (saved) => client.setQueryData(['sending'], saved),
  });
}

/** Makes a template at Meta, or reads its state again. */
export function useMakeTemplate() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<Template, Error, Pick<Template, 'language' | 'messageType'>>({
    mutationFn: (path) => unwrap(api.POST('/templates/{language}/{messageType}', { params: { path } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['templates'] }),
  });
}

export interface SendingChange {
  /** The campaign as it was read: the change is refused when it has moved on since. */
  base: Campaign;
  sending: Partial<Omit<CampaignSending, 'couponCode'>> & { couponCode?: string | null };
}

export function useSaveCampaignSending() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<Campaign, Error, SendingChange>({
    mutationFn: ({ base, sending }) => {
      const params = { path: { id: base.campaignId }, header: { 'If-Match': `"${base.version}"` } };
      return unwrap(api.PATCH('/campaigns/{id}', { params, body: { sending } }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['campaigns'] }),
  });
}

export function useTestMessage() {
  const { api } = useApp();
  return useMutation<{ outcome: 'accepted' | 'unknown' }, Error, { id: string; phone: string }>({
    mutationFn: ({ id, phone }) =>
      unwrap(api.POST('/campaigns/{id}/test', { params: { path: { id } }, body: { phone } })),
  });
}

/** What is asked of somebody's wish for messages. */
export type OptOutAct = 'lookup' | 'add' | 'remove';

export function useOptOut() {
  const { api } = useApp();
  return useMutation<OptOut, Error, { act: OptOutAct; phone: string }>({
    mutationFn: ({ act, phone }) => {
      const body = { phone };
      if (act === 'add') return unwrap(api.POST('/opt-outs', { body }));
      if (act === 'remove') return unwrap(api.POST('/opt-outs/remove', { body }));
      return unwrap(api.POST('/opt-outs/lookup', { body }));
    },
  });
}
