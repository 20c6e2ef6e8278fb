import { Cell, Column, Row, Table, TableBody, TableHeader } from 'react-aria-components/Table';
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
  timeZone: string;
  selectedId: string | undefined;
}

const NUMERIC: readonly { label: MessageId; count: (figures: CampaignFigures) => number }[] = [
  { label: 'campaigns.delivered', count: (f) => f.delivered },
  { label: 'campaigns.read', count: (f) => f.read },
  { label: 'campaigns.clicks', count: (f) => f.uniqueClicks },
  { label: 'campaigns.conversions', count: (f) => f.conversions.total },
];

export function CampaignsTable({ campaigns, figures, timeZone, selectedId }: CampaignsTableProps) {
  const { t, instant, number, money } = useFormat();
  const byId = new Map(figures?.map((each) => [each.campaignId, each]));
  return (
    <div className="table-scroll">
      <Table
        className="table campaigns-table"
        aria-labelledby="campaigns-title"
        onRowAction={(id) => goTo({ campaignId: id === selectedId ? undefined : String(id) })}
      >
        <TableHeader>
          <Column isRowHeader>{t('campaigns.name')}</Column>
          <Column>{t('campaigns.language')}</Column>
          <Column>{t('campaigns.messageType')}</Column>
          <Column>{t('campaigns.status')}</Column>
          {NUMERIC.map(({ label }) => (
            <Column key={label} className="end">
              {t(label)}
            </Column>
          ))}
          <Column className="end">{t('campaigns.value')}</Column>
          <Column>{t('campaigns.updatedAt')}</Column>
          <Column>
            <span className="visually-hidden">{t('campaigns.actions')}</span>
          </Column>
        </TableHeader>
        <TableBody>
          {campaigns.map((campaign) => {
            const own = byId.get(campaign.campaignId);
            const pending = own === undefined && figures === undefined;
            return (
              <Row
                key={campaign.campaignId}
                id={campaign.campaignId}
                className={campaign.campaignId === selectedId ? 'row selected' : 'row'}
                textValue={campaign.name}
              >
                <Cell className="name">{campaign.name}</Cell>
                <Cell className="nowrap">{t(`language.${campaign.language}`)}</Cell>
                <Cell>{t(`messageType.${campaign.messageType}`)}</Cell>
                <Cell>
                  <span className={`tag ${campaign.status}`}>{t(`status.${campaign.status}`)}</span>
                </Cell>
                {NUMERIC.map(({ label, count }) => (
                  <Cell key={label} className="end numeric">
                    {own ? number(count(own)) : pending ? <Skeleton width={40} /> : '–'}
                  </Cell>
                ))}
                <Cell className="end numeric">
                  {own ? <Amounts amounts={own.conversionValue.map(money)} /> : pending ? <Skeleton width={72} /> : '–'}
                </Cell>
                <Cell className="numeric">{instant(campaign.updatedAt, timeZone)}</Cell>
                <Cell className="end">
                  <CampaignMenu campaign={campaign} />
                </Cell>
              </Row>
            );
          })}
        </TableBody>
      </Table>
    </div>
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
    <KebabMenu label={t('campaigns.menu', { name: campaign.name })} actions={canWrite ? [...change, history] : [history]} />
  );
}
