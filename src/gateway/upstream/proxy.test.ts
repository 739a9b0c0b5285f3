import { expect, test } from 'bun:test';
import { takeProxies } from './proxy.ts';

test("the environment's proxy is used where the configuration names none, and only there", () => {
  const proxies = takeProxies({
    HTTPS_PROXY: 'http://proxy:1',
    NO_PROXY: 'localhost,.internal.example,10.0.0.1:8080',
  });
  expect(proxies.proxyFor('https://api.anthropic.com/v1', undefined)).toBe('http://proxy:1');
  expect(proxies.proxyFor('http://api.anthropic.com/v1', undefined)).toBeUndefined();
  expect(proxies.proxyFor('https://a.internal.example/', undefined)).toBeUndefined();
  expect(proxies.proxyFor('https://10.0.0.1:8080/', undefined)).toBeUndefined();
  expect(proxies.proxyFor('https://10.0.0.1/', undefined)).toBe('http://proxy:1');
  expect(proxies.proxyFor('https://api.anthropic.com/', 'direct')).toBeUndefined();
  expect(proxies.proxyFor('https://api.anthropic.com/', 'http://own:2')).toBe('http://own:2');
});

test('the variables are taken out of the environment, so that nothing else follows them', () => {
  const environment = { HTTP_PROXY: 'http://proxy:1', all_proxy: 'x', PATH: '/bin' };
  takeProxies(environment);
  expect(environment).toEqual({ PATH: '/bin' } as typeof environment);
});
