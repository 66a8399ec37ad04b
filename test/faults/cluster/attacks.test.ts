import { strict as assert } from 'node:assert';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HomeportError } from '../../../src/core/base/errors.js';
import { describeError } from '../../../src/core/base/messages.js';
import type { SyncResult } from '../../../src/core/model/report.js';
import { type ClusterFixture, clusterFixture } from '../../support/clusterFixture.js';

describe('a pod that means harm', function () {
	this.timeout(120_000);
	let fixture: ClusterFixture;

	beforeEach(async () => {
		fixture = await clusterFixture();
	});
	afterEach(() => fixture.dispose());

	const refsOfHome = (): Promise<string> =>
		fixture.git(fixture.home, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads');
	const synced = async (name: string): Promise<SyncResult | HomeportError> =>
		fixture.sync(name).catch((error: unknown) => error as HomeportError);
	const said = (outcome: SyncResult | HomeportError): string => {
		const error = outcome instanceof Error ? outcome : outcome.error;
		return error === null ? '' : describeError(error, 'cli').message;
	};

	// Each takes the place of a program that Homeport runs there.
	const liars: Readonly<Record<string, readonly [string, string]>> = {
		'a git that says nothing and ends well': ['git', 'exit 0'],
		'a git that prints without an end': ['git', 'yes'],
		'a git that fills stderr with control characters': [
			'git',
			`i=0; while [ $i -lt 200 ]; do i=$((i+1)); head -c 500000 /dev/zero | tr '\\0' '\\033' >&2; done; exit 1`,
		],
		'a git that calls itself 99 and knows nothing': [
			'git',
			`case "$1" in --version) echo 'git version 99.0' ;; *) echo '\\033[2J0000000000' ;; esac`,
		],
		'an upload-pack that answers with something else': [
			'git',
			`case "$*" in *upload-pack*) head -c 100000 /dev/urandom ;; *) exec /usr/bin/git "$@" ;; esac`,
		],
		'a find that never ends': ['find', 'while :; do echo ./x; done'],
	};
	for (const [name, [program, lines]] of Object.entries(liars)) {
		it(`is told from one that works: ${name}`, async () => {
			const pod = await fixture.addPod('alpha', { env: { PATH: '/pvc/bin:/usr/bin:/bin' } });
			await fixture.commitIn(pod, 'A1', { 'a.txt': 'one' });
			mkdirSync(pod.path('/pvc/bin'));
			writeFileSync(pod.path(`/pvc/bin/${program}`), `#!/bin/sh\n${lines}\n`);
			chmodSync(pod.path(`/pvc/bin/${program}`), 0o755);
			const config = JSON.stringify({ homeport: { limits: { observeSeconds: 5, fetchSeconds: 10, idleSeconds: 3 } } });
			mkdirSync(join(fixture.home, '.claude/sync'), { recursive: true });
			writeFileSync(join(fixture.home, '.claude/sync/sync-config.json'), config);
			const before = await refsOfHome();
			const outcome = await synced('alpha');
			const text = said(outcome);
			assert.ok(outcome instanceof Error || outcome.outcome === 'failed', JSON.stringify(outcome).slice(0, 300));
			assert.ok(text !== '' && !/\p{Cc}/u.test(text) && text.length < 5000, JSON.stringify(text.slice(0, 300)));
			assert.deepStrictEqual(await refsOfHome(), before);
			await fixture.git(fixture.home, 'fsck', '--no-dangling');
		});
	}

	it('reaches no shell of this machine with the names that it chose', async () => {
		const canary = join(fixture.folder, 'canary');
		const evil = `$(touch ${canary});\`touch ${canary}\``;
		const pod = await fixture.addPod('alpha', {
			agent: evil,
			annotations: { 'paude.io/created-at': evil, __proto__: evil, constructor: evil },
			labels: { 'paude.io/version': evil },
		});
		await fixture.commitIn(pod, 'A1', { 'a.txt': 'one' });
		const outcome = await synced('alpha');
		assert.deepStrictEqual([existsSync(canary), ({} as Record<string, unknown>)['touch']], [false, undefined]);
		assert.ok(!(outcome instanceof Error), said(outcome));
		assert.match(await refsOfHome(), /^refs\/heads\/main /m);
	});

	it('is not believed to be the one that was looked at, once another has its name', async () => {
		const pod = await fixture.addPod('alpha', { storage: 'emptyDir' });
		const a1 = await fixture.commitIn(pod, 'A1', { 'a.txt': 'one' });
		assert.deepStrictEqual((await fixture.sync('alpha')).outcome, 'synced');
		const session = await fixture.homeport.find('alpha');
		await fixture.cluster.replacePod('agents', 'paude-alpha-0');
		const request = { strategy: 'branch', direction: 'home', branch: null, from: null } as const;
		const result = await fixture.homeport
			.sync(session, request, async () => ({ proceed: true, accepted: [] }))
			.catch((error: unknown) => error as HomeportError);
		assert.ok(result instanceof Error || result.outcome === 'unreachable' || result.outcome === 'failed');
		assert.deepStrictEqual(await fixture.git(fixture.home, 'rev-parse', 'claude/alpha'), a1);
	});
});
