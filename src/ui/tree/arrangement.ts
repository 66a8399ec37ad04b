import { shownText } from '../../core/base/text.js';
import type { SessionState } from '../../core/model/session.js';
import type { SessionView } from './snapshot.js';
import { branchOf, stateWord } from './words.js';
import { standing, stateOf } from './standing.js';

export const groupings = ['place', 'state', 'none'] as const;
export const orders = ['name', 'attention', 'activity'] as const;

export type Grouping = (typeof groupings)[number];
export type Order = (typeof orders)[number];

/** How the sessions are laid out; `filter` is empty where all are shown. */
export interface ArrangementOptions {
	readonly grouping: Grouping;
	readonly order: Order;
	readonly filter: string;
}

/** What the sessions of a group have in common. `scope` is a context and a namespace. */
export type GroupKind =
	| { readonly kind: 'machine' | 'containers' }
	| { readonly kind: 'context' | 'namespace' | 'scope'; readonly name: string }
	| { readonly kind: 'state'; readonly state: SessionState };

/** A group with all of its sessions, those of the groups in it too. */
export interface Group {
	/** Says which group it is, also after others came and went. */
	readonly path: string;
	readonly what: GroupKind;
	readonly groups: readonly Group[];
	readonly views: readonly SessionView[];
}

/** Either groups, or sessions. */
export interface Arrangement {
	readonly groups: readonly Group[];
	readonly views: readonly SessionView[];
	/** How many sessions there are that the filter hides. */
	readonly hidden: number;
}

/**
 * Lays the sessions out. By place, sessions of this machine alone stay without a group; a group that would hold one group
 * alone is made one with it.
 */
export function arrange(views: readonly SessionView[], options: ArrangementOptions): Arrangement {
	const wanted = options.filter.trim().toLocaleLowerCase();
	const shown = wanted === '' ? [...views] : views.filter((view) => filterText(view).includes(wanted));
	shown.sort(comparisons[options.order]);
	const groups = options.grouping === 'none' ? [] : options.grouping === 'state' ? byState(shown) : byPlace(shown);
	return { groups, views: groups.length === 0 ? shown : [], hidden: views.length - shown.length };
}

/** The context and the namespace that a scope of a cluster names; a context may have slashes in its name. */
export function scopeParts(scope: string): { readonly context: string; readonly namespace: string } {
	const slash = scope.lastIndexOf('/');
	return { context: scope.slice(0, Math.max(slash, 0)), namespace: scope.slice(slash + 1) };
}

function filterText(view: SessionView): string {
	const { name, agent } = view.session;
	const state = stateOf(view);
	return [name, agent, branchOf(view) ?? '', state, stateWord(state)].join('\n').toLocaleLowerCase();
}

const byName = (a: SessionView, b: SessionView): number =>
	a.session.name.localeCompare(b.session.name, undefined, { numeric: true }) || (a.session.id < b.session.id ? -1 : 1);

const comparisons: Readonly<Record<Order, (a: SessionView, b: SessionView) => number>> = {
	name: byName,
	attention: (a, b) => weight(b) - weight(a) || exposedSeconds(b) - exposedSeconds(a) || byName(a, b),
	activity: (a, b) => lastSeen(b) - lastSeen(a) || byName(a, b),
};

// Work that could be lost, then what nobody knows of, then what is home.
function weight(view: SessionView): number {
	return { exposed: 2, unknown: 1, home: 0 }[standing(view)];
}

function exposedSeconds({ status }: SessionView): number {
	return status?.exposure.oldestSeconds ?? 0;
}

function lastSeen({ last }: SessionView): number {
	return last.seen === null ? 0 : Date.parse(last.seen);
}

const stateOrder: readonly SessionState[] = ['running', 'pending', 'error', 'unreachable', 'stopped', 'missing'];

function byState(views: readonly SessionView[]): Group[] {
	return stateOrder.flatMap((state) => {
		const inState = views.filter((view) => stateOf(view) === state);
		return groupOf(`state/${state}`, { kind: 'state', state }, inState);
	});
}

function byPlace(views: readonly SessionView[]): Group[] {
	const of = (backend: SessionView['session']['backend']): SessionView[] =>
		views.filter(({ session }) => session.backend === backend);
	const clusters = clusterGroups(of('kubernetes'));
	const containers = groupOf('container', { kind: 'containers' }, of('container'));
	const here = [...groupOf('local', { kind: 'machine' }, of('local')), ...containers];
	return clusters.length === 0 && here.length < 2 ? [] : [...here, ...clusters];
}

function clusterGroups(views: readonly SessionView[]): Group[] {
	const scopes = Map.groupBy(views, ({ session }) => session.scope);
	const contexts = Map.groupBy(scopes.keys(), (scope) => scopeParts(scope).context);
	return [...contexts]
		.toSorted(([a], [b]) => (a < b ? -1 : 1))
		.flatMap(([context, its]) => {
			const several = its.length > 1;
			const groups = its.toSorted().flatMap((scope) => {
				const { namespace } = scopeParts(scope);
				const name = shownText(several ? namespace : `${context} / ${namespace}`, 200);
				return groupOf(`kubernetes/${scope}`, { kind: several ? 'namespace' : 'scope', name }, scopes.get(scope)!);
			});
			const inContext = groups.flatMap((group) => group.views);
			const what = { kind: 'context', name: shownText(context, 200) } as const;
			// With the slash at its end no context is taken for a namespace of another.
			return several ? [{ path: `kubernetes/${context}/`, what, groups, views: inContext }] : groups;
		});
}

function groupOf(path: string, what: GroupKind, views: readonly SessionView[]): Group[] {
	return views.length === 0 ? [] : [{ path, what, groups: [], views }];
}
