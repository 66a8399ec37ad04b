import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { uriRequest } from '../../../src/ui/platform/uriRequest.js';

describe('addresses of the extension', () => {
	it('ask for a session by its whole name, to be shown or to be brought home', () => {
		assert.deepStrictEqual(
			[
				uriRequest('/session', 'id=local%2Falpha'),
				uriRequest('/sync', 'id=kubernetes/default%2Fapi%3A6443%2Fkube%3Aadmin/agents/beta&x=1'),
			],
			[
				{ show: 'session', session: 'local/alpha' },
				{ show: 'sync', session: 'kubernetes/default/api:6443/kube:admin/agents/beta' },
			],
		);
	});

	it('are refused where they ask for anything else', () => {
		for (const [path, query] of [
			['/session', ''],
			['/session', 'id='],
			['/session', 'id=alpha'],
			['/session', 'id=/etc/passwd'],
			['/session', 'id=local/a&id=local/b'],
			['/session', 'id=local/a%00'],
			['/session', 'id=local/a%0Ab'],
			['/session', 'id=local/%E2%80%AEa'],
			['/session', `id=local/${'a'.repeat(1000)}`],
			['/session/', 'id=local/a'],
			['/sync/now', 'id=local/a'],
			['/undo', 'id=local/a'],
			['/../session', 'id=local/a'],
			['/__proto__', 'id=local/a'],
		] as const) {
			assert.strictEqual(uriRequest(path, query), null, `${path}?${query}`);
		}
	});

	it('never fail, whatever they are', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (path, query) => {
				uriRequest(path, query);
				uriRequest('/sync', query);
			}),
		);
	});
});
