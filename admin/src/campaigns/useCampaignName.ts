import { useCampaigns } from '../api/queries';

/** What a campaign is called. */
export function useCampaignName(): (id: string) => string {
  const { data } = useCampaigns();
  return (id) => data?.find((each) => each.campaignId === id)?.name ?? '…';
}
