import { render } from '@testing-library/react';
import { IntlProvider } from 'react-intl';
import { expect, it } from 'vitest';
import { loadMessages } from '../../src/i18n/locale';
import sending from '../../src/messages/sending-en-US.json';
import { PhonePreview } from '../../src/sending/PhonePreview';

it('shows the buttons in the order that the template gives them', async () => {
  const preview = { hasPicture: false, body: 'Hello', footer: 'Tap Stop.', buttons: ['Back to cart', 'Stop'] };
  const first = await loadMessages('en-US');
  const messages = { ...first, ...(sending as unknown as typeof first) };
  const captions = (coupon?: string) => {
    const shown = render(
      <IntlProvider locale="en-US" messages={messages}>
        <PhonePreview preview={{ ...preview, ...(coupon && { coupon }) }} dark={false} />
      </IntlProvider>,
    );
    const buttons = [...shown.container.querySelectorAll('li')];
    return buttons.map((button) => button.textContent.replace(/^\W+/, '').trim());
  };
  expect(captions()).toEqual(['Back to cart', 'Stop']);
  expect(captions('VOLTA10')).toEqual(['Back to cart', 'Copy code', 'Stop']);
});
