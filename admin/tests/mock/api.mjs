// A small stand-in for the API, in the shapes of its contract: for looking at the page without the stack.
const DAY = 86_400_000;
const round = Math.round;
const money = (cents) => (cents / 100).toFixed(2);
const dayOf = (time) => new Date(time).toISOString().slice(0, 10);

const at = (daysAgo, hour) => new Date(Date.now() - daysAgo * DAY - hour * 3_600_000).toISOString();
const campaign = (campaignId, name, language, messageType, status, weight, daysAgo) => ({
  campaignId,
  name,
  language,
  messageType,
  status,
  weight,
  version: 2,
  createdAt: at(60, 0),
  updatedAt: at(daysAgo, 3),
});

export function createMock() {
  const campaigns = [
    campaign('c-cart', 'Carrinho abandonado', 'pt-BR', 'image', 'active', 0.6, 2),
    campaign('c-coupon', 'Cupom de recompra', 'pt-BR', 'coupon', 'active', 0.3, 4),
    campaign('c-mexico', 'Bienvenida México', 'es', 'text', 'paused', 0.1, 20),
  ];
  const reports = new Map();
  const schedules = [];

  const figures = (day, weight) => {
    const age = (Date.now() - Date.parse(day)) / DAY;
    if (age < 0 || age > 80) return zero();
    const sent = round((900 + 300 * Math.sin(Date.parse(day) / DAY / 4)) * weight * Math.min(1, age));
    const ripe = Math.min(1, age / 6);
    const conversions = round(sent * 0.06 * ripe);
    const clickThrough = round(conversions * 0.58);
    const value = conversions * 18_990;
    return {
      sent,
      delivered: round(sent * 0.97),
      read: round(sent * 0.68),
      failed: round(sent * 0.01),
      uniqueClicks: round(sent * 0.17),
      totalClicks: round(sent * 0.22),
      optOuts: round(sent * 0.01),
      conversions: { total: conversions, assisted: conversions - clickThrough, clickThrough },
      cents: value,
      ctcCents: clickThrough * 18_990,
    };
  };
  const zero = () => ({
    sent: 0,
    delivered: 0,
    read: 0,
    failed: 0,
    uniqueClicks: 0,
    totalClicks: 0,
    optOuts: 0,
    conversions: { total: 0, assisted: 0, clickThrough: 0 },
    cents: 0,
    ctcCents: 0,
  });
  const add = (a, b) => ({
    ...Object.fromEntries(
      ['sent', 'delivered', 'read', 'failed', 'uniqueClicks', 'totalClicks', 'optOuts', 'cents', 'ctcCents'].map(
        (k) => [k, a[k] + b[k]],
      ),
    ),
    conversions: {
      total: a.conversions.total + b.conversions.total,
      assisted: a.conversions.assisted + b.conversions.assisted,
      clickThrough: a.conversions.clickThrough + b.conversions.clickThrough,
    },
  });
  const told = ({ cents, ctcCents, ...rest }) => ({
    ...rest,
    conversionValue: cents ? [{ currency: 'BRL', amount: money(cents) }] : [],
    clickThroughValue: ctcCents ? [{ currency: 'BRL', amount: money(ctcCents) }] : [],
  });
  const comparison = ({ from, to, campaignId, compareWith }) => {
    const [start, end] = [Date.parse(from), Date.parse(to)];
    const length = (end - start) / DAY + 1;
    const shift = { sameWeekdays: Math.ceil(length / 7) * 7, lastMonth: 30, lastYear: 365 }[compareWith] ?? length;
    const before = metrics({ from: dayOf(start - shift * DAY), to: dayOf(end - shift * DAY), campaignId });
    const unripe = ['delivered', 'read', 'failed', 'uniqueClicks', 'totalClicks', 'optOuts'];
    return {
      with: compareWith,
      from: before.from,
      to: before.to,
      unripe: end + DAY > Date.now() ? ['sent', ...unripe] : end + 19 * DAY > Date.now() ? unripe : [],
      totals: before.totals,
      days: before.days.map(({ settled, ...day }) => ({ ...day, against: dayOf(Date.parse(day.day) + shift * DAY) })),
    };
  };
  const metrics = ({ from, to, campaignId, compareWith }) => {
    const chosen = campaigns.filter((each) => !campaignId || each.campaignId === campaignId);
    const days = [];
    for (let time = Date.parse(from); time <= Date.parse(to); time += DAY) days.push(dayOf(time));
    const sum = (all) => all.reduce(add, zero());
    return {
      from,
      to,
      timeZone: 'America/Sao_Paulo',
      totals: told(sum(chosen.flatMap((c) => days.map((day) => figures(day, c.weight))))),
      days: days.map((day) => ({
        day,
        settled: Date.now() - Date.parse(day) > 19 * DAY,
        ...told(sum(chosen.map((c) => figures(day, c.weight)))),
      })),
      campaigns: campaigns.map((c) => ({
        campaignId: c.campaignId,
        name: c.name,
        ...told(chosen.includes(c) ? sum(days.map((day) => figures(day, c.weight))) : zero()),
      })),
      ...(compareWith ? { comparison: comparison({ from, to, campaignId, compareWith }) } : {}),
    };
  };
  const orders = Array.from({ length: 7 }, (_, index) => ({
    orderGroup: `v${1_200_345_600 + index * 137}`,
    createdAt: at(index, index),
    orderTotal: '189.90',
    currency: 'BRL',
    credit: {
      kind: index % 2 ? 'assisted' : 'clickThrough',
      reminderId: `wamid.${index}`,
      campaignId: 'c-cart',
      day: dayOf(Date.now()),
    },
    hasClickedOnReminder: index % 2 === 0,
  }));
  const problem = (status, code, field) => [
    status,
    { type: 'about:blank', title: code, status, code, ...(field ? { field } : {}) },
  ];

  /** Answers [status, body] for a request of the API; undefined for a path that isn't the API's. */
  return function answer(method, url, body, headers) {
    const [, first, id, verb] = url.pathname.split('/');
    const query = Object.fromEntries(url.searchParams);
    const found = campaigns.find((each) => each.campaignId === id);
    switch (first) {
      case 'account':
        return [
          200,
          {
            account: 'demo',
            timeZone: 'America/Sao_Paulo',
            language: 'pt-BR',
            phoneNumberIds: ['1'],
            storeUrl: 'https://loja.example/',
            messagePrices: [{ currency: 'BRL', price: '0.35' }],
            pending: { phoneNumberIds: [] },
          },
        ];
      case 'metrics':
        return [200, metrics(query)];
      case 'campaigns': {
        if (!id && method === 'GET') return [200, { items: campaigns }];
        if (!id) {
          const made = {
            ...campaign(`c-${campaigns.length}`, body.name, body.language, body.messageType, 'active', 0, 0),
            version: 1,
          };
          campaigns.push(made);
          return [201, made];
        }
        if (!found) return problem(404, 'campaign-not-found');
        if (verb === 'history') {
          const change = { field: 'messageType', from: 'text', to: found.messageType };
          const by = 'ana@loja.example';
          return [
            200,
            {
              items: [
                { version: 2, at: found.updatedAt, by, changes: [change] },
                { version: 1, at: found.createdAt, by, changes: [] },
              ],
            },
          ];
        }
        if (method === 'GET') return [200, found];
        if (method === 'PATCH' && headers['if-match'] !== `"${found.version}"`)
          return problem(412, 'precondition-failed');
        Object.assign(found, body, verb ? { status: verb === 'pause' ? 'paused' : 'active' } : {}, {
          version: found.version + 1,
          updatedAt: new Date().toISOString(),
        });
        return [200, found];
      }
      case 'orders':
        if (!id)
          return [
            200,
            { items: orders, totals: { conversions: orders.length, value: [{ currency: 'BRL', amount: '1329.30' }] } },
          ];
        return [
          200,
          {
            ...orders.find((each) => each.orderGroup === id),
            live: true,
            parts: [],
            identities: ['cart'],
            verdict: { code: 'click-through', explanation: '' },
            otherCandidates: [],
            otherCandidatesLeftOut: 0,
            pending: false,
            credit: {
              kind: 'clickThrough',
              reminderId: 'wamid.1',
              campaignId: 'c-cart',
              day: dayOf(Date.now()),
              sentAt: at(2, 5),
              matchedBy: ['cart', 'phone'],
              decidedBy: { by: 'click', at: at(2, 2), distanceSeconds: 93_600 },
            },
          },
        ];
      case 'reports': {
        if (method === 'POST') {
          const made = {
            id: `r-${reports.size}`,
            status: 'requested',
            createdAt: new Date().toISOString(),
            ...body,
            asked: 0,
          };
          reports.set(made.id, made);
          return [202, { id: made.id, status: made.status }];
        }
        const report = reports.get(id);
        if (report && ++report.asked > 2)
          Object.assign(
            report,
            report.email.startsWith('fail') ? { status: 'failed' } : { status: 'mailed', file: { rows: 42 } },
          );
        return report ? [200, report] : [200, { items: [...reports.values()] }];
      }
      case 'report-schedules': {
        const schedule = schedules.find((each) => each.id === id);
        if (method === 'POST' && !id) {
          schedules.push({ id: `s-${schedules.length}`, status: 'active', format: 'csv', ...body });
          return [201, schedules.at(-1)];
        }
        if (verb) schedule.status = verb === 'pause' ? 'paused' : 'active';
        if (method === 'DELETE') return [204, schedules.splice(schedules.indexOf(schedule), 1) && undefined];
        return [200, id ? schedule : { items: schedules }];
      }
      default:
        return undefined;
    }
  };
}
