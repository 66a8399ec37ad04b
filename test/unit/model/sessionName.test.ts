import { ok, strictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { asSessionName, sessionNameFormat } from '../../../src/core/model/sessionName.js';

describe('a session name made of a text', () => {
	it('is one that can be registered, or nothing', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 200 })), (text) => {
				const name = asSessionName(text);
				ok(name === '' || sessionNameFormat.test(name), name);
				strictEqual(asSessionName(name), name);
			}),
		);
	});

	it('stays what it is where it can be registered as it is', () => {
		strictEqual(asSessionName('feature_1.2-x'), 'feature_1.2-x');
		strictEqual(asSessionName('.my project (copy)'), 'my-project-copy');
		strictEqual(asSessionName('…'), '');
	});
});
