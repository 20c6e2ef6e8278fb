import { useFormat } from '../i18n/useFormat';
import { CopyIcon } from '../ui/icons';
import type { Template } from './types';

/** A message as the phone shows it. */
export function PhonePreview({ preview, dark }: { preview: Template['preview']; dark: boolean }) {
  const { t } = useFormat();
  const [back, ...others] = preview.buttons;
  return (
    <figure
      className={dark ? 'phone dark' : 'phone'}
      aria-label={t(dark ? 'sending.previewDark' : 'sending.previewLight')}
    >
      <div className="phone-bubble">
        {preview.hasPicture && <img className="phone-bubble-picture" src="/cart.png" alt={t('sending.picture')} />}
        <p className="phone-bubble-text">{preview.body}</p>
        <p className="phone-bubble-footer">
          <span>{preview.footer}</span>
          <time>10:24</time>
        </p>
        <ul className="phone-bubble-buttons">
          {back && (
            <li>
              <span aria-hidden="true">↗</span> {back}
            </li>
          )}
          {preview.coupon && (
            <li>
              <CopyIcon size={14} /> {t('sending.copyCoupon')}
            </li>
          )}
          {others.map((button) => (
            <li key={button}>
              <span aria-hidden="true">↩</span> {button}
            </li>
          ))}
        </ul>
      </div>
    </figure>
  );
}
