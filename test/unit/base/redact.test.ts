import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { redact } from '../../../src/core/base/redact.js';

const home = '/home/somebody';
const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.split('');
const word = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 12, maxLength: 60 });
const odd = fc.string({
	unit: fc.constantFrom(...alphabet, ...'!$%^*()_+-.~/,;&'.split('')),
	minLength: 12,
	maxLength: 40,
});
const cases = (text: string): fc.Arbitrary<string> => fc.constantFrom(text, text.toUpperCase());

/** A line with a secret in it, as logs, settings and errors have them. */
const planted = fc.oneof(
	fc.tuple(fc.constantFrom('https', 'http', 'ssh', 'postgres'), odd).map(([scheme, secret]) => ({
		secret: secret.replaceAll('/', 'x'),
		line: `fetching ${scheme}://user:${secret.replaceAll('/', 'x')}@git.example.com/repo.git failed`,
	})),
	word.map((secret) => ({ secret, line: `remote https://${secret}@git.example.com/repo.git` })),
	fc
		.tuple(
			fc.constantFrom(
				'token',
				'password',
				'client-key-data',
				'clientSecret',
				'AWS_SECRET_ACCESS_KEY',
				'api_key',
				'id-token',
			),
			fc.constantFrom('=', ': ', '":"', "': '", ' = '),
			odd,
		)
		.chain(([name, between, secret]) =>
			cases(name).map((shown) => ({
				secret,
				line: `{ "user": "x", "${shown}${between}${secret}" }`.replace(/"$/, ''),
			})),
		),
	fc.tuple(fc.constantFrom('--token', '--password', '--client-secret'), word).map(([flag, secret]) => ({
		secret,
		line: `running kubectl ${flag} ${secret} get pods`,
	})),
	fc
		.tuple(fc.constantFrom('Bearer', 'bearer', 'Basic'), word)
		.chain(([kind, secret]) =>
			fc.constantFrom(`authorization: ${kind} ${secret}`, `sent ${kind} ${secret}`).map((line) => ({ secret, line })),
		),
	fc
		.tuple(fc.constantFrom('ghp_', 'github_pat_', 'glpat-', 'sk-', 'sha256~', 'AKIA', 'eyJ'), word)
		.map(([prefix, secret]) => ({ secret, line: `saw ${prefix}${secret} there` })),
	fc.array(word, { minLength: 1, maxLength: 5 }).map((lines) => ({
		secret: lines[0]!,
		line: `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----`,
	})),
	fc.string({ unit: fc.constantFrom(...alphabet), minLength: 29, maxLength: 80 }).map((random) => ({
		secret: `aB3${random}`,
		line: `the value aB3${random} was not taken`,
	})),
);

describe('redaction', () => {
	it('lets no secret survive, wherever it stands in a text', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(
						planted,
						fc.lorem().map((line) => ({ secret: null, line })),
					),
				),
				(parts) => {
					const safe = redact(parts.map(({ line }) => line).join('\n'), [home]);
					for (const { secret } of parts) {
						assert.ok(secret === null || !safe.includes(secret), `${secret} in ${safe}`);
					}
				},
			),
			{ numRuns: 2000, seed: 1 },
		);
	});

	it('shows no home folder, whatever stands around it', () => {
		fc.assert(
			fc.property(fc.array(planted), fc.lorem(), (parts, words) => {
				const text = [...parts.map(({ line }) => line), `${home}/project: ${words}`].join('\n');
				assert.ok(!redact(text, ['/', home]).includes(home));
			}),
			{ numRuns: 500, seed: 2 },
		);
	});

	it('leaves what helps: words, versions, ids of git and of sessions', () => {
		const text = [
			'git version 2.47.1',
			'kubernetes/prod/agents/alpha: 2 commits, not pushed',
			`refs/homeport/ledger/local/alpha moved to ${'0123456789abcdef'.repeat(2)}01234567`,
			'homeport.sync: session-unreachable: the pod is pending (ImagePullBackOff)',
		].join('\n');
		assert.strictEqual(redact(text, [home]), text);
	});
});
