import type { ServerResponse } from 'node:http';
import type { RestFault } from './faults.js';
import type { KubeObject } from './objects.js';
import { type Resource, groupVersion } from './resources.js';
import type { Selector } from './selectors.js';
import { gone } from './status.js';
import type { Change, Store } from './store.js';
import { type Included, tableOf } from './tables.js';

/** What a watch was asked for. */
export interface WatchRequest {
	readonly resource: Resource;
	/** Empty for all. */
	readonly namespace: string;
	readonly selector: Selector;
	/** Empty to begin with all that is there. */
	readonly resourceVersion: string;
	readonly bookmarks: boolean;
	/** After which it ends; undefined for never. */
	readonly timeoutSeconds: number | undefined;
	/** What a row has of its object, where rows are wanted; undefined for plain objects. */
	readonly table: Included | undefined;
}

/** How a watch that is going on is made to fail. */
export type WatchFailure = 'end' | 'reset' | 'midEvent' | 'garbage' | 'expired' | 'stall';

/** The watches that are going on. */
export interface Watches {
	open(request: WatchRequest, response: ServerResponse, fault: RestFault | undefined): void;
	/** Sends a bookmark to all that want some. */
	bookmark(): void;
	/** Makes all of them fail. */
	fail(how: WatchFailure): void;
	count(): number;
}

export function createWatches(store: Store): Watches {
	const going = new Set<{ bookmark(): void; fail(how: WatchFailure): void }>();
	return {
		open: (request, response, fault) => {
			const watch = openWatch(store, request, response, fault);
			going.add(watch);
			response.on('close', () => going.delete(watch));
		},
		bookmark: () => {
			for (const watch of going) {
				watch.bookmark();
			}
		},
		fail: (how) => {
			for (const watch of going) {
				watch.fail(how);
			}
		},
		count: () => going.size,
	};
}

function openWatch(
	store: Store,
	request: WatchRequest,
	response: ServerResponse,
	fault: RestFault | undefined,
): { bookmark(): void; fail(how: WatchFailure): void } {
	let sent = 0;
	let over = false;
	let timer: NodeJS.Timeout | undefined;
	let unsubscribe = (): void => undefined;
	const stop = (): void => {
		over = true;
		clearTimeout(timer);
		unsubscribe();
	};
	const write = (line: string): void => {
		if (!over) {
			response.write(line);
		}
	};
	const fail = (how: WatchFailure): void => {
		const line = `${JSON.stringify({ type: 'BOOKMARK', object: bookmarkOf(request.resource, store.revision()) })}\n`;
		if (how === 'midEvent') {
			write(line.slice(0, line.length / 2));
		} else if (how === 'garbage') {
			write('{"type":"MODIFIED","object":{"kind":<html>\n');
		} else if (how === 'expired') {
			const { status } = gone(request.resourceVersion, store.oldest());
			write(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
		} else if (how === 'reset') {
			response.destroy();
		}
		stop();
		if (how !== 'stall') {
			response.end();
		}
	};
	const send = (type: string, object: object): void => {
		if (fault?.kind === 'cut' && sent >= fault.afterEvents) {
			fail(fault.how);
			return;
		}
		sent += 1;
		write(`${JSON.stringify({ type, object })}\n`);
	};
	const sendObject = (type: Change['type'], object: KubeObject): void => {
		const { table, resource } = request;
		const { resourceVersion } = object.metadata;
		send(type, table === undefined ? object : tableOf(resource, [object], table, { resourceVersion }));
	};
	const bookmark = (): void => {
		if (request.bookmarks) {
			send('BOOKMARK', bookmarkOf(request.resource, store.revision()));
		}
	};
	const onChange = ({ resource, type, object, before }: Change): void => {
		const inside = request.namespace === '' || object.metadata.namespace === request.namespace;
		if (resource !== request.resource || !inside) {
			return;
		}
		const fits = request.selector(object);
		const fitted = before !== undefined && request.selector(before);
		if (fits && type !== 'DELETED') {
			sendObject(fitted ? 'MODIFIED' : 'ADDED', object);
		} else if (fits || fitted) {
			sendObject('DELETED', object);
		}
	};

	response.on('close', stop);
	response.writeHead(200, { 'content-type': 'application/json' });
	response.flushHeaders();
	const from = request.resourceVersion;
	if (fault?.kind === 'expired' || fault?.kind === 'garbage') {
		fail(fault.kind);
	} else if (from === '' || from === '0') {
		for (const object of store.list(request.resource, request.namespace).filter(request.selector)) {
			sendObject('ADDED', object);
		}
	} else if (Number(from) < store.oldest()) {
		fail('expired');
	} else {
		for (const change of store.since(Number(from))) {
			onChange(change);
		}
	}
	if (!over) {
		unsubscribe = store.subscribe(onChange);
	}
	if (request.timeoutSeconds !== undefined && !over) {
		timer = setTimeout(() => {
			bookmark();
			fail('end');
		}, request.timeoutSeconds * 1000);
	}
	return { bookmark, fail };
}

function bookmarkOf(resource: Resource, revision: number): object {
	const metadata = { resourceVersion: String(revision), creationTimestamp: null };
	const { kind } = resource;
	return { kind, apiVersion: groupVersion(resource), metadata, ...emptyParts[kind] };
}

/** What an object of the kind has even where nothing is set. */
const emptyParts: Readonly<Record<string, object>> = {
	Pod: { spec: { containers: null }, status: {} },
	StatefulSet: {
		spec: {
			replicas: 0,
			selector: null,
			template: { metadata: { creationTimestamp: null }, spec: { containers: null } },
			serviceName: '',
			updateStrategy: {},
		},
		status: { replicas: 0, availableReplicas: 0 },
	},
};
