import { strict as assert } from 'node:assert';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadYaml } from '@kubernetes/client-node';
import { backendOn } from '../support/clusterBackend.js';
import type { SeenRequest } from '../support/cluster/counters.js';
import { type ClusterFixture, clusterFixture } from '../support/clusterFixture.js';

interface Role {
	readonly rules: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

/** Verb and resource of a request, as a role names them. */
function rightFor({ path, query }: SeenRequest): string {
	const [resource = '', name, sub] = path.replace(/^.*\/namespaces\/[^/]+\//, '').split('/');
	const verb = query.includes('watch=') ? 'watch' : name === undefined ? 'list' : 'get';
	return `${verb} ${sub === undefined ? resource : `${resource}/${sub}`}`;
}

describe('the role of docs/kubernetes.md', function () {
	this.timeout(120_000);
	let fixture: ClusterFixture;

	before(async () => {
		fixture = await clusterFixture();
	});
	after(() => fixture.dispose());

	it('is enough for the whole way and has no right that is not used', async () => {
		const { cluster, env, addPod, commitIn, commit, home, homeport, sync, inPod } = fixture;
		const [, block = ''] =
			/```yaml\n(apiVersion: rbac[^]*?)```/.exec(await readFile('docs/kubernetes.md', 'utf8')) ?? [];
		const { rules } = loadYaml<Role>(block);
		cluster.allow(
			'limited',
			rules.map(({ resources, verbs }) => ({ namespaces: ['agents'], resources, verbs })),
		);
		const config = join(env['HOME']!, '.kube/config');
		await writeFile(config, cluster.kubeconfig({ user: 'limited' }));
		const pod = await addPod('alpha');
		const tip = await commitIn(pod, 'A1', { 'a.txt': 'one' });
		cluster.counters.reset();
		const { sessions, problems } = await homeport.list();
		assert.deepStrictEqual([sessions.map(({ name }) => name), problems], [['alpha'], []]);
		const { outcome, refs } = await sync('alpha');
		assert.deepStrictEqual([outcome, refs.map(({ to }) => to)], ['synced', [tip]]);
		const pushed = await commit(home, 'H1', { 'home.txt': 'home' });
		const sent = await sync('alpha', [], { direction: 'session' });
		assert.equal(sent.error, null);
		assert.ok((await inPod(pod, 'git for-each-ref')).includes(pushed));
		const stop = new AbortController();
		pod.print('said');
		for await (const line of await homeport.log(await homeport.find('alpha'), 1, stop.signal)) {
			assert.equal(line, 'said');
			break;
		}
		stop.abort();
		const backend = backendOn(config);
		const told: unknown[] = [];
		const watching = backend.watch(
			() => undefined,
			({ error }) => told.push(error),
		);
		const watched = ['statefulsets', 'pods', 'persistentvolumeclaims'];
		const rights = (): Set<string> => new Set(cluster.counters.requests.map(rightFor));
		try {
			for (let waited = 0; !watched.every((resource) => rights().has(`watch ${resource}`)); waited += 20) {
				assert.ok(waited < 20_000, [...rights()].join(', '));
				await sleep(20);
			}
		} finally {
			watching.dispose();
			backend.dispose();
		}
		assert.deepStrictEqual(told, []);
		const granted = rules.flatMap(({ resources, verbs }) =>
			resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
		);
		// Newer clusters ask for this one in place of `get pods/exec`.
		const used = [...rights(), 'create pods/exec'];
		assert.deepStrictEqual(used.sort(), granted.sort());
	});
});
