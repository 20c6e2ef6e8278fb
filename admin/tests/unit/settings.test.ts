import { describe, expect, it } from 'vitest';
import { parseConfig, USUAL_CLAIMS } from '../../src/config';
import { chooseFormats, chooseLocale } from '../../src/i18n/locale';
import { readClaims } from '../../src/session/session';
import { isEmail } from '../../src/ui/email';

describe('the language', () => {
  it('is the first wish that the page speaks', () => {
    expect(chooseLocale([null, 'fr-FR', 'es-MX', 'pt-BR'])).toBe('es');
    expect(chooseLocale(['pt-PT'])).toBe('pt-BR');
    expect(chooseLocale(['EN_us', 'pt-BR'])).toBe('en-US');
    expect(chooseLocale(['de'])).toBe('en-US');
    expect(chooseLocale([])).toBe('en-US');
  });

  it('brings its region’s formats', () => {
    expect(chooseFormats('es', [null, 'es-MX', 'en-US'])).toBe('es-MX');
    expect(chooseFormats('es', ['es', 'es-MX'])).toBe('es');
    expect(chooseFormats('en-US', ['en-GB'])).toBe('en-GB');
    expect(chooseFormats('pt-BR', ['pt-@@'])).toBe('pt-BR');
    expect(chooseFormats('en-US', ['de'])).toBe('en-US');
  });
});

describe('the configuration', () => {
  it('is read with its defaults', () => {
    expect(parseConfig({ mode: 'local' })).toEqual({ mode: 'local' });
    expect(
      parseConfig({ mode: 'oidc', issuer: 'https://id.example', clientId: 'page', apiUrl: 'https://api.example/' }),
    ).toEqual({
      mode: 'oidc',
      issuer: 'https://id.example',
      clientId: 'page',
      scope: 'openid admin:read admin:write',
      apiUrl: 'https://api.example',
      claims: { account: 'account', scope: 'scope' },
    });
  });

  it('may name other claims and an audience', () => {
    const given = { mode: 'oidc', issuer: 'https://id.example', clientId: 'page' };
    expect(parseConfig({ ...given, audience: 'api', accountClaim: 'custom:account', scopeClaim: 'scp' })).toMatchObject(
      {
        audience: 'api',
        claims: { account: 'custom:account', scope: 'scp' },
      },
    );
  });

  it.each([undefined, {}, { mode: 'other' }, { mode: 'oidc' }, { mode: 'oidc', issuer: 'https://id.example' }])(
    'is refused when it makes no sense: %j',
    (value) => {
      expect(() => parseConfig(value)).toThrow();
    },
  );
});

describe('a token', () => {
  const token = (claims: object): string => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

  it('tells account and rights', () => {
    const told = { account: 'lojá', subject: 'ana', canWrite: true };
    expect(readClaims(token({ account: 'lojá', sub: 'ana', scope: 'admin:read admin:write' }), USUAL_CLAIMS)).toEqual(
      told,
    );
    expect(readClaims(token({ account: 'loja', scope: 'admin:read xadmin:write' }), USUAL_CLAIMS).canWrite).toBe(false);
    for (const prefix of ['campaigns/', 'https://api.example/']) {
      const scope = `openid ${prefix}admin:read ${prefix}admin:write`;
      expect(readClaims(token({ account: 'lojá', sub: 'ana', scope }), USUAL_CLAIMS)).toEqual(told);
      expect(
        readClaims(token({ account: 'lojá', sub: 'ana', scope: `${prefix}admin:read` }), USUAL_CLAIMS).canWrite,
      ).toBe(false);
    }
    const names = { account: 'custom:account', scope: 'scp' };
    expect(
      readClaims(token({ 'custom:account': 'lojá', sub: 'ana', scp: ['admin:read', 'admin:write'] }), names),
    ).toEqual(told);
  });

  it('that is none tells nothing', () => {
    for (const text of ['', 'x', 'a.b.c', 'a.MQ.c'])
      expect(readClaims(text, USUAL_CLAIMS)).toEqual({ account: '', subject: '', canWrite: false });
  });
});

describe('an address', () => {
  it.each(['ana@loja.com.br', 'ana+relatorio@loja.example', 'o’ana@loja.example'])('%s is one', (text) => {
    expect(isEmail(text)).toBe(true);
  });

  it.each([
    '',
    'ana',
    'ana@',
    'ana@loja',
    '@loja.com',
    'ana @loja.com',
    'ana@loja.com,eva@loja.com',
    'ana@.com',
    'ana@loja..com',
    `${'a'.repeat(65)}@loja.com`,
  ])('%s is none', (text) => {
    expect(isEmail(text)).toBe(false);
  });
});
