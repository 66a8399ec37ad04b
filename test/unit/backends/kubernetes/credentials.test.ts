import { strict as assert } from 'node:assert';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HomeportError } from '../../../../src/core/base/errors.js';
import { runCredentialPlugin } from '../../../../src/core/backends/kubernetes/credentialPlugin.js';
import { createCredentialStore } from '../../../../src/core/backends/kubernetes/credentials.js';
import type { CredentialStore } from '../../../../src/core/backends/kubernetes/credentials.js';
import { parseKubeconfig } from '../../../../src/core/backends/kubernetes/kubeconfig.js';
import type { ClusterEntry, UserEntry } from '../../../../src/core/backends/kubernetes/kubeconfig.js';

const apiVersion = 'client.authentication.k8s.io/v1';

describe('credentials of a user', () => {
	let folder: string;
	let now = Date.parse('2026-01-01T00:00:00Z');

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-credentials-'));
	});
	afterEach(() => rm(folder, { recursive: true }));

	const parsed = (user: unknown): { user: UserEntry; cluster: ClusterEntry } => {
		const { users, clusters } = parseKubeconfig(
			{ users: [{ name: 'dev', user }], clusters: [{ name: 'c', cluster: { server: 'https://host' } }] },
			join(folder, 'config'),
		);
		return { user: users.get('dev')!, cluster: clusters.get('c')! };
	};
	const storeOf = (): CredentialStore => createCredentialStore({ env: process.env, foreign: [], now: () => now });
	// Counts its runs, waits a little, and answers.
	const plugin = async (status: string): Promise<unknown> => {
		const path = join(folder, 'plugin');
		const answer = `{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":${status}}`;
		await writeFile(path, `#!/bin/sh\necho run >>'${folder}/runs'\nsleep 0.1\necho '${answer}'\n`, { mode: 0o700 });
		return { exec: { apiVersion, command: path } };
	};
	const runs = async (): Promise<number> => (await readFile(join(folder, 'runs'), 'utf8')).split('\n').length - 1;

	it('are read anew from files that others rotate', async () => {
		await writeFile(join(folder, 'token'), 'first\n');
		const { user, cluster } = parsed({ tokenFile: 'token', as: 'someone' });
		const store = storeOf();
		const first = await store.of(user, cluster);
		await writeFile(join(folder, 'token'), 'second');
		const second = await store.of(user, cluster);
		assert.deepStrictEqual(
			[first.authorization, second.authorization, first.impersonate],
			['Bearer first', 'Bearer second', 'someone'],
		);
	});

	it('are a name and a password, or a certificate with its key', async () => {
		const basic = parsed({ username: 'dev', password: 'pa:ss' });
		assert.deepStrictEqual(
			(await storeOf().of(basic.user, basic.cluster)).authorization,
			`Basic ${Buffer.from('dev:pa:ss').toString('base64')}`,
		);
		const data = (text: string): string => Buffer.from(text).toString('base64');
		const signed = parsed({ 'client-certificate-data': data('CERT'), 'client-key-data': data('KEY') });
		const { certificate, key, authorization } = await storeOf().of(signed.user, signed.cluster);
		assert.deepStrictEqual([certificate, key, authorization], ['CERT', 'KEY', null]);
	});

	it('come from one run of a plugin for all who ask, until they end or are refused', async () => {
		const expires = new Date(now + 3_600_000).toISOString();
		const { user, cluster } = parsed(await plugin(`{"token":"t","expirationTimestamp":"${expires}"}`));
		const store = storeOf();
		const given = await Promise.all([1, 2, 3].map(() => store.of(user, cluster)));
		assert.deepStrictEqual([given.map((one) => one.authorization), await runs()], [Array(3).fill('Bearer t'), 1]);
		await store.of(user, cluster);
		assert.deepStrictEqual(await runs(), 1);
		assert.deepStrictEqual([store.drop(user), store.drop(user)], [true, false]);
		await Promise.all([store.of(user, cluster), store.of(user, cluster)]);
		assert.deepStrictEqual(await runs(), 2);
		now += 3_600_000;
		await store.of(user, cluster);
		assert.deepStrictEqual(await runs(), 3);
	});

	it('of a plugin that fails are asked for again the next time', async () => {
		const path = join(folder, 'plugin');
		await writeFile(path, `#!/bin/sh\necho run >>'${folder}/runs'\necho 'log in first' >&2\nexit 3\n`, { mode: 0o700 });
		const { user, cluster } = parsed({ exec: { apiVersion, command: path, installHint: 'get it' } });
		const store = storeOf();
		for (const expected of [1, 2]) {
			await assert.rejects(store.of(user, cluster), (error: unknown) => {
				assert.ok(error instanceof HomeportError);
				const { reason, stderr, hint } = error.details;
				assert.deepStrictEqual(
					[error.code, reason, stderr, hint],
					['credentials-failed', 'it ended with exit code 3', 'log in first', 'get it'],
				);
				return true;
			});
			assert.deepStrictEqual(await runs(), expected);
		}
	});

	const reasonOf = async (script: string, timeoutMs = 20_000): Promise<unknown> => {
		const path = join(folder, 'plugin');
		await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
		const { user, cluster } = parsed({ exec: { apiVersion, command: path, provideClusterInfo: true } });
		return runCredentialPlugin(user.plugin!, { env: process.env, foreign: [], cluster, timeoutMs }).then(
			(given) => given.token,
			(error: unknown) => (error instanceof HomeportError ? error.details['reason'] : error),
		);
	};

	it('are not waited for where a plugin asks a question, or never ends', async () => {
		assert.deepStrictEqual(await reasonOf('read password || exit 7; sleep 60'), 'it ended with exit code 7');
		assert.match(String(await reasonOf('sleep 60 & sleep 60', 300)), /no answer within/);
		assert.deepStrictEqual(await reasonOf('yes'), 'it writes without an end');
	});

	it('are refused where the answer is none', async () => {
		const wrong = 'it did not answer with an ExecCredential of the version it was asked for';
		assert.deepStrictEqual(await reasonOf('echo nothing'), wrong);
		assert.deepStrictEqual(
			await reasonOf(`echo '{"apiVersion":"v0","kind":"ExecCredential","status":{"token":"t"}}'`),
			wrong,
		);
		assert.deepStrictEqual(
			await reasonOf(`echo '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{}}'`),
			'it gave neither a token nor a certificate with its key',
		);
	});

	it('are asked for with the version and, where wanted, the cluster', async () => {
		const script = `case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*https://host*) t=told ;; *) t=not ;; esac
printf '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"%s"}}' "$t"`;
		assert.deepStrictEqual(await reasonOf(script), 'told');
	});

	it('of a program that is not there name what is missing', async () => {
		const { user, cluster } = parsed({ exec: { apiVersion, command: 'homeport-no-such-plugin' } });
		await assert.rejects(storeOf().of(user, cluster), { code: 'credentials-failed' });
	});
});
