import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { ask, openRequest, watchEvents } from '../support/cluster/client.js';
import type { AskOptions, WatchEvent } from '../support/cluster/client.js';
import type { Cluster } from '../support/cluster/cluster.js';
import { startRecordedCluster } from '../support/cluster/recordedCluster.js';
import { differences, recordedBody, recording } from '../support/recordings.js';

interface Case extends AskOptions {
	readonly name: string;
	/** Paths in the body that are not compared, and why. */
	readonly except?: readonly RegExp[];
	/** Who asks, if not one that may do all. */
	readonly as?: 'viewer' | 'nobody' | 'stranger';
}

const viewer = 'system:serviceaccount:agents:viewer';
const rows = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const configMap = { metadata: { name: 'rec' }, data: { a: 'b' } };
const ageAndAddress = /\/rows\/\d+\/cells\/[45]$/;

const setOf = (name: string, label: string): object => ({
	metadata: { name },
	spec: {
		serviceName: 'x',
		selector: { matchLabels: { z: 'a' } },
		template: { metadata: { labels: { z: label } }, spec: { containers: [{ name: 'c', image: 'local/dev:1' }] } },
	},
});
const review = {
	spec: { resourceAttributes: { namespace: 'agents', verb: 'create', resource: 'pods', subresource: 'exec' } },
};

// In this order: what is made by one is used by another.
const cases: readonly Case[] = [
	{ name: 'version' },
	{ name: 'namespaces-list' },
	{ name: 'pods-list' },
	{ name: 'pods-list-page-1-of-2' },
	{ name: 'pods-list-table', headers: rows, except: [ageAndAddress] },
	{ name: 'pod-get' },
	{ name: 'pod-get-404' },
	{ name: 'pod-log-400-not-started' },
	{ name: 'pods-list-401-bad-token', as: 'stranger' },
	{ name: 'pods-list-403-anonymous', as: 'nobody' },
	{ name: 'pods-list-403-forbidden', as: 'viewer' },
	{ name: 'pvcs-list' },
	{ name: 'statefulsets-list' },
	{ name: 'statefulsets-list-all-namespaces' },
	{ name: 'statefulset-create-409-exists', body: setOf('paude-alpha', 'a') },
	{ name: 'statefulset-create-422-invalid', body: setOf('Bad_Name', 'b') },
	{ name: 'scale-get' },
	{
		name: 'statefulset-patch-scale',
		body: { spec: { replicas: 1 } },
		headers: { 'content-type': 'application/merge-patch+json' },
	},
	{ name: 'configmap-create-201', body: configMap },
	{ name: 'configmap-put-409-conflict', body: { ...configMap, metadata: { name: 'rec', resourceVersion: '1' } } },
	{ name: 'configmap-delete' },
	{
		name: 'secret-create-over-1MiB',
		body: { metadata: { name: 'big' }, data: { a: Buffer.alloc(1_100_000).toString('base64') } },
	},
	{ name: 'selfsubjectaccessreview', body: review },
	{ name: 'watch-410-gone' },
	{ name: 'exec-400-bad-container' },
	{ name: 'exec-403-forbidden', as: 'viewer' },
	{ name: 'exec-404-no-such-pod' },
	{ name: 'exec-over-http-without-upgrade' },
	// The name that a ReplicaSet gives is another each time, and the command waits in another way.
	{ name: 'data-pods-list', except: [/\/metadata\/name$/, /\/command\/2$/] },
];

describe('the cluster of the tests, beside recordings of a real one', () => {
	let cluster: Cluster;
	before(async () => {
		cluster = await startRecordedCluster();
		// One that may do other things, but none of those that are refused in the recordings.
		cluster.allow(viewer, [{ resources: ['configmaps'] }]);
	});
	after(() => cluster.stop());

	for (const { name, as, except = [], ...options } of cases) {
		it(`answers as in ${name}`, async () => {
			const { request, response } = recording(name);
			const token = as === 'viewer' ? cluster.token(viewer) : as === 'stranger' ? 'not-a-token' : null;
			const who = as === undefined ? {} : { token };
			const answer = await ask(cluster, request.method ?? '', request.path, { ...options, ...who });
			const { body } = response ?? {};
			deepStrictEqual(
				{ status: answer.status, type: answer.headers['content-type'], differ: differences(body, answer.json, except) },
				{ status: response?.status, type: response?.headers['content-type'], differ: [] },
			);
		});
	}

	it('logs as in pod-log', async () => {
		const { request, response } = recording('pod-log');
		const { status, headers, text } = await ask(cluster, 'GET', request.path);
		const recorded = { status: response?.status, type: response?.headers['content-type'], text: '' };
		deepStrictEqual({ status, type: headers['content-type'], text }, recorded);
	});

	it('names its groups and kinds as in the recordings, though not all of them', async () => {
		const parts = [
			['apis-list', 'groups'],
			['api-v1-resources', 'resources'],
			['apps-v1-resources', 'resources'],
		] as const;
		for (const [name, list] of parts) {
			const { request, response } = recording(name);
			const { json } = await ask(cluster, 'GET', request.path);
			const [recorded, answered] = [response?.body, json] as Record<string, { name: string }[]>[];
			deepStrictEqual(differences(recorded, answered, [new RegExp(`^/${list}`)]), []);
			for (const item of answered?.[list] ?? []) {
				const same = recorded?.[list]?.find((other) => other.name === item.name);
				deepStrictEqual(differences(same, item), [], `${name}: ${item.name}`);
			}
		}
	});

	it('says in a review what a user may do, and refuses the rest', async () => {
		cluster.allow('dora', [{ namespaces: ['agents'], verbs: ['get', 'list'], resources: ['pods'] }]);
		const token = cluster.token('dora');
		const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
		const allowed = async (attributes: object): Promise<unknown> => {
			const body = { spec: { resourceAttributes: attributes } };
			const { json } = await ask(cluster, 'POST', reviews, { token, body });
			return (json as { status: { allowed: boolean } }).status.allowed;
		};
		const list = { namespace: 'agents', verb: 'list', resource: 'pods' };
		deepStrictEqual([await allowed(list), await allowed({ ...list, namespace: 'data' })], [true, false]);
		deepStrictEqual(
			[await allowed({ ...list, verb: 'watch' }), await allowed({ ...list, resource: 'x' })],
			[false, false],
		);
		const statusOf = async (path: string): Promise<number> => (await ask(cluster, 'GET', path, { token })).status;
		strictEqual(await statusOf('/api/v1/namespaces/agents/pods'), 200);
		strictEqual(await statusOf('/api/v1/namespaces/data/pods'), 403);
		const { json } = await ask(cluster, 'GET', '/api/v1/pods', { token });
		const message = 'pods is forbidden: User "dora" cannot list resource "pods" in API group "" at the cluster scope';
		strictEqual((json as { message: string }).message, message);
	});

	it('selects by labels and fields', async () => {
		const names = async (query: string): Promise<string[]> => {
			const { json } = await ask(cluster, 'GET', `/api/v1/pods?${query}`);
			return (json as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
		};
		const label = (text: string): Promise<string[]> => names(`labelSelector=${encodeURIComponent(text)}`);
		const field = (text: string): Promise<string[]> => names(`fieldSelector=${encodeURIComponent(text)}`);
		deepStrictEqual(await label('app=paude,paude.io/session-name in (alpha, beta)'), ['paude-alpha-0', 'paude-beta-0']);
		deepStrictEqual(await label('app=paude,!paude.io/session-name'), ['paude-session-1a2b3c']);
		deepStrictEqual(await label('session-id'), ['paude-session-1a2b3c']);
		deepStrictEqual(await label('app,paude.io/session-name notin (alpha,beta),session-id!=1a2b3c'), ['paude-broken-0']);
		deepStrictEqual(await field('status.phase=Pending'), ['paude-broken-0']);
		deepStrictEqual(await field('metadata.name=paude-beta-0,metadata.namespace!=data'), ['paude-beta-0']);
		strictEqual((await ask(cluster, 'GET', '/api/v1/pods?fieldSelector=spec.x%3D1')).status, 400);
	});

	it('tells a watch with a selector what comes into it and what leaves it', async () => {
		const path = '/api/v1/namespaces/agents/configmaps';
		const patch = (labels: object): ReturnType<typeof ask> =>
			ask(cluster, 'PATCH', `${path}/moving`, {
				body: { metadata: { labels } },
				headers: { 'content-type': 'application/strategic-merge-patch+json' },
			});
		const response = await openRequest(cluster, 'GET', `${path}?watch=true&labelSelector=in`);
		const events = collect(response);
		await ask(cluster, 'POST', path, { body: { metadata: { name: 'moving' } } });
		await patch({ in: 'yes' });
		await patch({ in: 'still' });
		await patch({ in: null });
		await ask(cluster, 'DELETE', `${path}/moving`);
		cluster.watches.fail('end');
		deepStrictEqual(
			(await events).map(({ type }) => type),
			['ADDED', 'MODIFIED', 'DELETED'],
		);
	});

	it('ends a watch after its time, with a bookmark where those are wanted', async () => {
		const path = '/api/v1/namespaces/default/pods?watch=true&timeoutSeconds=1';
		const [some, none] = await Promise.all(
			['&allowWatchBookmarks=true', ''].map(async (more) => collect(await openRequest(cluster, 'GET', path + more))),
		);
		deepStrictEqual([some?.map(({ type }) => type), none], [['BOOKMARK'], []]);
	});

	it('gives the second page behind the first, and 410 once the list has gone', async () => {
		const list = async (query: string): Promise<{ status: number; names: string[]; next: string }> => {
			const { status, json } = await ask(cluster, 'GET', `/api/v1/namespaces/agents/pods?limit=2${query}`);
			const { items = [], metadata } = json as {
				items?: { metadata: { name: string } }[];
				metadata: { continue?: string };
			};
			return { status, names: items.map((item) => item.metadata.name), next: metadata.continue ?? '' };
		};
		const first = await list('');
		const second = await list(`&continue=${first.next}`);
		deepStrictEqual(second, { status: 200, names: ['paude-broken-0', 'paude-session-1a2b3c'], next: '' });
		cluster.compact();
		strictEqual((await list(`&continue=${first.next}`)).status, 410);
	});

	it('watches pods as in pods-watch-while-pod-replaced', async () => {
		const events = collect(await watchFromNow('pods-watch-while-pod-replaced'));
		await ask(cluster, 'DELETE', '/api/v1/namespaces/agents/pods/paude-beta-0');
		await sameEvents('pods-watch-while-pod-replaced', events);
	});

	it('watches StatefulSets as in statefulsets-watch-while-scaled', async () => {
		const events = collect(await watchFromNow('statefulsets-watch-while-scaled'));
		await ask(cluster, 'DELETE', '/api/v1/namespaces/agents/pods/paude-beta-0');
		await cluster.settled();
		await cluster.scale('agents', 'paude-alpha', 0);
		await cluster.scale('agents', 'paude-alpha', 1);
		await sameEvents('statefulsets-watch-while-scaled', events);
	});

	/** Begins the recorded watch at the state of now; it goes on until {@link sameEvents} ends it. */
	async function watchFromNow(name: string): Promise<IncomingMessage> {
		const { pathname, searchParams } = new URL(recording(name).request.path, 'https://localhost');
		searchParams.delete('watch');
		const list = await ask(cluster, 'GET', `${pathname}?${searchParams.toString()}`);
		const { resourceVersion } = (list.json as { metadata: { resourceVersion: string } }).metadata;
		searchParams.set('watch', 'true');
		searchParams.set('resourceVersion', resourceVersion);
		searchParams.delete('timeoutSeconds');
		return openRequest(cluster, 'GET', `${pathname}?${searchParams.toString()}`);
	}

	async function collect(response: IncomingMessage): Promise<WatchEvent[]> {
		const events: WatchEvent[] = [];
		for await (const event of watchEvents(response)) {
			events.push(event);
		}
		return events;
	}

	async function sameEvents(name: string, events: Promise<WatchEvent[]>): Promise<void> {
		const { lines } = recordedBody(name) as { lines: WatchEvent[] };
		await cluster.settled();
		cluster.watches.bookmark();
		cluster.watches.fail('end');
		const seen = await events;
		deepStrictEqual(
			seen.map(({ type }) => type),
			lines.map(({ type }) => type),
		);
		deepStrictEqual(differences(lines, seen), []);
	}
});
