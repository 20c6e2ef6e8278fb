import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApp } from '../app/AppContext';
import { unwrap } from './client';
import type {
  Campaign,
  NewAccount,
  NewCampaign,
  NewReport,
  NewSchedule,
  Report,
  Schedule,
  ShopperToErase,
  ScheduleEdit,
  VtexConnection,
} from './types';

const entityTag = (campaign: Campaign): string => `"${campaign.version}"`;

export function useCreateCampaign() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<Campaign, Error, NewCampaign>({
    mutationFn: (body) => unwrap(api.POST('/campaigns', { body })),
    onSuccess: () =>
      client.invalidateQueries({ predicate: ({ queryKey }) => ['campaigns', 'metrics'].includes(String(queryKey[0])) }),
  });
}

export interface CampaignChanges {
  /** The campaign as it was read: the change is refused when it has moved on since. */
  base: Campaign;
  to: NewCampaign;
}

export function useEditCampaign() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<Campaign, Error, CampaignChanges>({
    mutationFn: ({ base, to }) => {
      const path = { id: base.campaignId };
      return unwrap(
        api.PATCH('/campaigns/{id}', { params: { path, header: { 'If-Match': entityTag(base) } }, body: to }),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['campaigns'] }),
  });
}

/** Reads a campaign as it is now. */
export function useFreshCampaign() {
  const { api } = useApp();
  return useMutation<Campaign, Error, string>({
    mutationFn: (id) => unwrap(api.GET('/campaigns/{id}', { params: { path: { id } } })),
  });
}

/** Pauses an active campaign, resumes a paused one. */
export function useToggleCampaign() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<Campaign, Error, Campaign>({
    mutationFn: ({ campaignId: id, status }) => {
      const params = { path: { id } };
      return status === 'active'
        ? unwrap(api.POST('/campaigns/{id}/pause', { params }))
        : unwrap(api.POST('/campaigns/{id}/resume', { params }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['campaigns'] }),
  });
}

export function useRequestReport() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<Pick<Report, 'id'>, Error, { key: string; body: NewReport }>({
    // One key for each press of the button: a repeated request mails once.
    mutationFn: ({ key, body }) =>
      unwrap(api.POST('/reports', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['reports'] }),
  });
}

function useScheduleChange<T>(send: (input: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation<unknown, Error, T>({
    mutationFn: send,
    onSettled: () => client.invalidateQueries({ queryKey: ['schedules'] }),
  });
}

export function useAddSchedule() {
  const { api } = useApp();
  return useScheduleChange<NewSchedule>((body) => unwrap(api.POST('/report-schedules', { body })));
}

export function useEditSchedule() {
  const { api } = useApp();
  return useScheduleChange<{ id: string; body: ScheduleEdit }>(({ id, body }) =>
    unwrap(api.PATCH('/report-schedules/{id}', { params: { path: { id } }, body })),
  );
}

/** Pauses an active schedule, resumes a paused one. */
export function useToggleSchedule() {
  const { api } = useApp();
  return useScheduleChange<Schedule>(({ id, status }) => {
    const params = { path: { id } };
    return status === 'active'
      ? unwrap(api.POST('/report-schedules/{id}/pause', { params }))
      : unwrap(api.POST('/report-schedules/{id}/resume', { params }));
  });
}

export function useDeleteSchedule() {
  const { api } = useApp();
  return useScheduleChange<Schedule>(({ id }) =>
    unwrap(api.DELETE('/report-schedules/{id}', { params: { path: { id } } })),
  );
}

/** Makes a signing secret; it is told this once. */
export function useNewSecret() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<{ secret: string }>({
    mutationFn: () => unwrap(api.POST('/account/signing-secret')),
    onSuccess: () => client.invalidateQueries({ queryKey: ['account'] }),
  });
}

export function useConnectVtex() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<{ hookUrl: string }, Error, VtexConnection>({
    mutationFn: (body) => unwrap(api.POST('/account/vtex', { body })),
    onSettled: () => client.invalidateQueries({ queryKey: ['vtex'] }),
  });
}

/** Asks for a shopper to be erased; it is done in the background. */
export function useEraseShopper() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<{ id: string }, Error, ShopperToErase>({
    mutationFn: (body) => unwrap(api.POST('/shoppers/erase', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['reports'] }),
  });
}

/** A fresh address of a report's file. */
export function useDownload() {
  const { api } = useApp();
  return useMutation<{ url: string }, Error, string>({
    mutationFn: (id) => unwrap(api.GET('/reports/{id}/download', { params: { path: { id } } })),
  });
}

export function useSaveAccount() {
  const { api } = useApp();
  const client = useQueryClient();
  return useMutation<unknown, Error, NewAccount>({
    mutationFn: (body) => unwrap(api.PUT('/account', { body })),
    onSuccess: () => client.invalidateQueries(),
  });
}
