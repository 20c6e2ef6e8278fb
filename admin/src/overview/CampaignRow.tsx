import { memo, type MouseEvent } from 'react';
import { Button } from 'react-aria-components/Button';
import type { Campaign, CampaignFigures } from '../api/types';
import { useApp } from '../app/AppContext';
import { useDialogs } from '../app/dialogs';
import { useFormat } from '../i18n/useFormat';
import { goTo } from '../period/urlState';
import { KebabMenu, type MenuAction } from '../ui/KebabMenu';
import { FigureCells } from './FigureCells';

interface CampaignRowProps {
  campaign: Campaign;
  own: CampaignFigures | undefined;
  pending: boolean;
  timeZone: string;
  selected: boolean;
}

/** A campaign's row. It renders again only when something in it changed: there can be many, and figures refresh often. */
export const CampaignRow = memo(function CampaignRow({ campaign, own, pending, timeZone, selected }: CampaignRowProps) {
  const { t, instant } = useFormat();
  const choose = (): void => {
    goTo({ campaignId: selected ? undefined : campaign.campaignId });
    if (!selected) showFigures();
  };
  const onRowClick = (event: MouseEvent<HTMLTableRowElement>): void => {
    // What is pressed inside the row has its own say, as has a menu, whose events come through here too.
    const { target, currentTarget } = event;
    if (target instanceof Element && currentTarget.contains(target) && !target.closest('button')) choose();
  };
  return (
    // The name in it is the button that the keyboard and a screen reader have for the same.
    <tr role="row" className={selected ? 'row selected' : 'row'} onClick={onRowClick}>
      <th role="rowheader" scope="row" className="name">
        <Button className="name-button" aria-pressed={selected} onPress={choose}>
          {campaign.name}
        </Button>
        <span className="under">
          {t(`language.${campaign.language}`)} · {t(`messageType.${campaign.messageType}`)} ·{' '}
          <span title={t('campaigns.updatedAt')}>{instant(campaign.updatedAt, timeZone)}</span>
        </span>
      </th>
      <td role="cell" data-label={t('campaigns.status')}>
        <span className={`tag ${campaign.status}`}>{t(`status.${campaign.status}`)}</span>
      </td>
      <FigureCells figures={own} pending={pending} />
      <td role="cell" className="end">
        <CampaignMenu campaign={campaign} />
      </td>
    </tr>
  );
});

/** Brings the figures, which are now the campaign's, into view. */
function showFigures(): void {
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.getElementById('analytics-title')?.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'start' });
}

function CampaignMenu({ campaign }: { campaign: Campaign }) {
  const { t } = useFormat();
  const { canWrite } = useApp();
  const openDialog = useDialogs();
  const { campaignId } = campaign;
  const purchases: MenuAction = {
    id: 'purchases',
    label: t('campaigns.purchases'),
    onAction: () => goTo({ view: 'purchases', campaignId }),
  };
  const report: MenuAction = {
    id: 'report',
    label: t('report.send'),
    onAction: () => openDialog({ kind: 'report', campaign }),
  };
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
      actions={canWrite ? [...change, history, purchases, report] : [history, purchases]}
    />
  );
}
