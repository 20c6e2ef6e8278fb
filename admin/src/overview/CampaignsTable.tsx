import type { MouseEvent } from 'react';
import { Button } from 'react-aria-components/Button';
import type { Campaign, CampaignFigures } from '../api/types';
import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { useFormat, type MessageId } from '../i18n/useFormat';
import { goTo } from '../period/urlState';
import { KebabMenu, type MenuAction } from '../ui/KebabMenu';
import { Skeleton } from '../ui/Skeleton';

interface CampaignsTableProps {
  campaigns: Campaign[];
  /** The campaigns' figures of the range; they may come later than the campaigns, or not at all. */
  figures: CampaignFigures[] | undefined;
  /** Whether they are on their way. */
  pending: boolean;
  timeZone: string;
  selectedId: string | undefined;
}

const NUMERIC: readonly { label: MessageId; count: (figures: CampaignFigures) => number }[] = [
  { label: 'campaigns.delivered', count: (f) => f.delivered },
  { label: 'campaigns.read', count: (f) => f.read },
  { label: 'campaigns.clicks', count: (f) => f.uniqueClicks },
  { label: 'campaigns.conversions', count: (f) => f.conversions.total },
];

/**
 * A plain table, not an interactive grid: each row has two things to press, which Tab reaches and to which the
 * focus comes back. The roles say again what it is, since rows that are stacked on a narrow screen are no table
 * to every browser.
 */
export function CampaignsTable({ campaigns, figures, pending, timeZone, selectedId }: CampaignsTableProps) {
  const { t } = useFormat();
  const byId = new Map(figures?.map((each) => [each.campaignId, each]));
  return (
    <div className="table-scroll">
      <table role="table" className="table stacking campaigns-table" aria-labelledby="campaigns-title">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {t('campaigns.name')}
            </th>
            <th role="columnheader" scope="col" className="wide-only">
              {t('campaigns.language')}
            </th>
            <th role="columnheader" scope="col" className="wide-only">
              {t('campaigns.messageType')}
            </th>
            <th role="columnheader" scope="col">
              {t('campaigns.status')}
            </th>
            {NUMERIC.map(({ label }) => (
              <th key={label} role="columnheader" scope="col" className="end">
                {t(label)}
              </th>
            ))}
            <th role="columnheader" scope="col" className="end">
              {t('campaigns.value')}
            </th>
            <th role="columnheader" scope="col">
              {t('campaigns.updatedAt')}
            </th>
            <th role="columnheader" scope="col">
              <span className="visually-hidden">{t('campaigns.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {campaigns.map((campaign) => (
            <CampaignRow
              key={campaign.campaignId}
              campaign={campaign}
              own={byId.get(campaign.campaignId)}
              pending={pending}
              timeZone={timeZone}
              selected={campaign.campaignId === selectedId}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CampaignRowProps {
  campaign: Campaign;
  own: CampaignFigures | undefined;
  pending: boolean;
  timeZone: string;
  selected: boolean;
}

function CampaignRow({ campaign, own, pending, timeZone, selected }: CampaignRowProps) {
  const { t, instant, number, money } = useFormat();
  const choose = (): void => goTo({ campaignId: selected ? undefined : campaign.campaignId });
  const onRowClick = (event: MouseEvent<HTMLTableRowElement>): void => {
    // What is pressed inside the row has its own say, as has a menu, whose events come through here too.
    const { target, currentTarget } = event;
    if (target instanceof Element && currentTarget.contains(target) && !target.closest('button')) choose();
  };
  return (
    <tr role="row" className={selected ? 'row selected' : 'row'} onClick={onRowClick}>
      <th role="rowheader" scope="row" className="name">
        <Button className="name-button" aria-pressed={selected} onPress={choose}>
          {campaign.name}
        </Button>
        <span className="narrow-only muted small">
          {t(`language.${campaign.language}`)} · {t(`messageType.${campaign.messageType}`)}
        </span>
      </th>
      <td role="cell" className="nowrap wide-only">
        {t(`language.${campaign.language}`)}
      </td>
      <td role="cell" className="wide-only">
        {t(`messageType.${campaign.messageType}`)}
      </td>
      <td role="cell" data-label={t('campaigns.status')}>
        <span className={`tag ${campaign.status}`}>{t(`status.${campaign.status}`)}</span>
      </td>
      {NUMERIC.map(({ label, count }) => (
        <td key={label} role="cell" data-label={t(label)} className="end numeric">
          {own ? number(count(own)) : pending ? <Skeleton width={40} /> : '–'}
        </td>
      ))}
      <td role="cell" data-label={t('campaigns.value')} className="end numeric">
        {own ? <Amounts amounts={own.conversionValue.map(money)} /> : pending ? <Skeleton width={72} /> : '–'}
      </td>
      <td role="cell" data-label={t('campaigns.updatedAt')} className="numeric">
        {instant(campaign.updatedAt, timeZone)}
      </td>
      <td role="cell" className="end">
        <CampaignMenu campaign={campaign} />
      </td>
    </tr>
  );
}

function Amounts({ amounts }: { amounts: string[] }) {
  if (amounts.length === 0) return '–';
  return amounts.map((amount) => (
    <span key={amount} className="amount-line">
      {amount}
    </span>
  ));
}

function CampaignMenu({ campaign }: { campaign: Campaign }) {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const openDialog = useDialogs();
  const change: MenuAction[] = [
    { id: 'edit', label: t('action.edit'), onAction: () => openDialog({ kind: 'edit', campaign }) },
    {
      id: 'toggle',
      label: t(campaign.status === 'active' ? 'action.pause' : 'action.resume'),
      onAction: () => openDialog({ kind: 'pause', campaign }),
    },
  ];
  const history: MenuAction = {
    id: 'history',
    label: t('action.history'),
    onAction: () => openDialog({ kind: 'history', campaign }),
  };
  return (
    <KebabMenu
      label={t('campaigns.menu', { name: campaign.name })}
      actions={canWrite ? [...change, history] : [history]}
    />
  );
}
