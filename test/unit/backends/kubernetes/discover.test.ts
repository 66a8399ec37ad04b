import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { discover } from '../../../../src/core/backends/kubernetes/discover.js';
import type { Listed } from '../../../../src/core/backends/kubernetes/discover.js';
import { readClaim, readPage, readPod, readStatefulSet } from '../../../../src/core/backends/kubernetes/objects.js';
import type { Pod } from '../../../../src/core/backends/kubernetes/objects.js';

function items(name: string): readonly unknown[] {
	const text = readFileSync(`test/fixtures/kubernetes-1.33/${name}.json`, 'utf8');
	const recording = JSON.parse(text) as { response: { body: unknown } };
	return readPage(recording.response.body)!.items;
}

const pods = (name: string): Pod[] => items(name).map((item) => readPod(item)!);

const recorded: Listed = {
	statefulSets: items('statefulsets-list').map((item) => readStatefulSet(item)!),
	pods: pods('pods-list'),
	claims: items('pvcs-list').map((item) => readClaim(item)!),
};
const podNamed = (name: string): Pod => recorded.pods.find(({ metadata }) => metadata.name === name)!;

describe('sessions on a cluster', () => {
	it('are found in what a real API server lists, with their state and reason', () => {
		const found = discover('prod', recorded, new Map());
		assert.deepStrictEqual(
			found.map(({ session }) => [session.id, session.state, session.workspace, session.home]),
			[
				['kubernetes/prod/agents/alpha', 'running', '/pvc/workspace', '/home/dev/project'],
				['kubernetes/prod/agents/beta', 'running', '/pvc/workspace', '/home/dev/project'],
				['kubernetes/prod/agents/broken', 'error', '/pvc/workspace', null],
				['kubernetes/prod/agents/stopped', 'stopped', '/pvc/workspace', null],
				['kubernetes/prod/agents/1a2b3c', 'running', '/workspace', null],
			],
		);
		assert.match(found[2]?.session.reason ?? '', /^ErrImageNeverPull: /);
		assert.deepStrictEqual(
			found.map(({ target }) => target?.pod ?? null),
			['paude-alpha-0', 'paude-beta-0', null, null, 'paude-session-1a2b3c'],
		);
	});

	it('have the life of the storage that the workspace is on', () => {
		const storages = discover('prod', recorded, new Map()).map(({ session }) => session.storage);
		const claim = recorded.claims![0]!.metadata.uid;
		assert.deepStrictEqual(storages, [
			`claim:${claim}`,
			`emptyDir:${podNamed('paude-beta-0').metadata.uid}`,
			storages[2],
			'',
			`emptyDir:${podNamed('paude-session-1a2b3c').metadata.uid}`,
		]);
	});

	it('have a place: their pod, how often it was started anew, and the claim of their files with its class', () => {
		const places = discover('prod', recorded, new Map()).map(({ session }) => session.place ?? null);
		const gone = { restarts: 0, claim: null, storageClass: null };
		assert.deepStrictEqual(places, [
			{ pod: 'paude-alpha-0', restarts: 0, claim: 'workspace-paude-alpha-0', storageClass: 'standard' },
			{ pod: 'paude-beta-0', ...gone },
			{ pod: 'paude-broken-0', ...gone },
			null,
			{ pod: 'paude-session-1a2b3c', ...gone },
		]);
	});

	it('keep their storage where the pod is another and the claim the same, and not where the pod is all there is', () => {
		const replaced = (pod: Pod): Pod => ({ ...pod, metadata: { ...pod.metadata, uid: 'another' } });
		const storages = (listed: Listed): string[] =>
			discover('prod', listed, new Map()).map(({ session }) => session.storage);
		const before = storages(recorded);
		const after = storages({ ...recorded, pods: recorded.pods.map(replaced) });
		assert.deepStrictEqual(
			[after[0] === before[0], after[1] === before[1], after[4] === before[4]],
			[true, false, false],
		);
		const lost = storages({
			...recorded,
			claims: recorded.claims!.map((one) => ({ ...one, metadata: { ...one.metadata, uid: 'new' } })),
		});
		assert.notDeepStrictEqual(lost[0], before[0]);
	});

	it('are pods that a selector names, with its container and folder', () => {
		const selector = { labels: 'app.kubernetes.io/name=data', container: null, path: '/app/data' };
		const [found] = discover(
			'prod',
			{ statefulSets: [], pods: [], claims: null },
			new Map([[selector, pods('data-pods-list')]]),
		);
		assert.deepStrictEqual(
			[
				found?.session.name,
				found?.session.agent,
				found?.session.workspace,
				found?.session.state,
				found?.session.storage,
				found?.target?.container,
			],
			[
				'codeforphilly',
				'pod',
				'/app/data',
				'running',
				`emptyDir:${found?.target?.uid}`,
				pods('data-pods-list')[0]?.spec.containers[0]?.name,
			],
		);
	});

	it('never share an id, whatever is listed', () => {
		const name = fc.constantFrom('paude-a', 'paude-session-a', 'paude-session-b', 'a');
		fc.assert(
			fc.property(fc.array(name, { maxLength: 4 }), fc.uniqueArray(name, { maxLength: 4 }), (sets, names) => {
				const listed: Listed = {
					statefulSets: [...new Set(sets)].map((one) => ({
						...recorded.statefulSets[0]!,
						metadata: { ...recorded.statefulSets[0]!.metadata, name: one, uid: `set-${one}`, labels: {} },
					})),
					pods: names.map((one) => ({
						...podNamed('paude-session-1a2b3c'),
						metadata: {
							...podNamed('paude-session-1a2b3c').metadata,
							name: one,
							uid: one,
							labels: { 'session-id': one.replace('paude-session-', '') },
						},
					})),
					claims: null,
				};
				const ids = discover('prod', listed, new Map()).map(({ session }) => session.id);
				assert.deepStrictEqual(new Set(ids).size, ids.length);
			}),
		);
	});

	it('are not made of what is no such object', () => {
		fc.assert(
			fc.property(fc.anything(), (item) => {
				for (const read of [readPod, readStatefulSet, readClaim, readPage]) {
					read(item);
				}
			}),
		);
	});
});
