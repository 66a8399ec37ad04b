import { strictEqual } from 'node:assert/strict';
import { asWritten, reasonIn, sayIn } from '../../../src/core/base/say.js';
import type { Translate } from '../../../src/core/base/say.js';

const words: Record<string, string> = {
	'its pod has failed': 'der Pod ist gescheitert',
	'it has no pod: it was scaled to 0': 'sie hat keinen Pod',
	'{0} of {1}': 'von {1} {0}',
};
const german: Translate = (text, ...values) => asWritten(words[text] ?? text, ...values);

describe('texts in another language', () => {
	it('put the values where they stand in the sentence of that language', () => {
		strictEqual(sayIn(german)`${1} of ${'x'}`, 'von x 1');
		strictEqual(sayIn(asWritten)`${1} of ${'x'}`, '1 of x');
	});

	it('translate a reason, and leave what somebody else said after a colon', () => {
		strictEqual(reasonIn('its pod has failed', german), 'der Pod ist gescheitert');
		strictEqual(
			reasonIn('its pod has failed: Evicted: low on {0}', german),
			'der Pod ist gescheitert: Evicted: low on {0}',
		);
		strictEqual(reasonIn('it has no pod: it was scaled to 0', german), 'sie hat keinen Pod');
	});

	it('leave a reason that they do not know, whatever is in it', () => {
		strictEqual(reasonIn('who knows: {0} and {1}', german), 'who knows: {0} and {1}');
		strictEqual(reasonIn('ImagePullBackOff', german), 'ImagePullBackOff');
	});
});
