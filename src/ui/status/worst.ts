import { staleMs, standing } from '../tree/standing.js';
import type { Snapshot } from '../tree/snapshot.js';

/** The worst over all sessions that are shown. */
export interface Worst {
	/** Sessions that have work which is nowhere else. */
	readonly exposed: number;
	readonly unknown: number;
	/** A cluster could not be asked: there may be sessions that nobody sees. */
	readonly clusterUnknown: boolean;
	/** Seconds that the oldest work has been nowhere else; null where there is none, or its age is not known. */
	readonly oldestSeconds: number | null;
	/** The last look is so long ago that things may be different. */
	readonly stale: boolean;
	/** Everything that is known of is home, and nothing is unknown. */
	readonly allHome: boolean;
}

/** What to say in one line of a snapshot; `now` in milliseconds since 1970. */
export function worstOf(snapshot: Snapshot, now: number): Worst {
	const { sessions, lookedAt, error, problems } = snapshot;
	// After a failure nothing of it is known to hold any more.
	const listed = error === null && lookedAt !== null;
	const standings = sessions.map((view) => (listed ? standing(view) : 'unknown'));
	const exposed = standings.filter((one) => one === 'exposed').length;
	const unknown = standings.filter((one) => one === 'unknown').length;
	const ages = sessions.flatMap((view, index) => {
		const seconds = standings[index] === 'exposed' ? view.status!.exposure.oldestSeconds : 0;
		return seconds > 0 ? [seconds + Math.max(0, now - (view.lookedAt ?? now)) / 1000] : [];
	});
	return {
		exposed,
		unknown,
		clusterUnknown: problems.length > 0,
		oldestSeconds: ages.length === 0 ? null : Math.max(...ages),
		stale: lookedAt === null || now - lookedAt > staleMs,
		allHome: listed && exposed + unknown === 0 && problems.length === 0,
	};
}

/** Since when work has been too old, and at which look that was first seen. */
export interface Alarm {
	readonly look: number | null;
	readonly since: number;
}

const patienceMs = 60_000;

/**
 * Whether to warn: work is older than `minutes` (0: never), and was so a look or a minute before. What is home again is not
 * warned of any more at once.
 */
export function alarmOf(
	before: Alarm | null,
	{ oldestSeconds }: Worst,
	minutes: number,
	look: number | null,
	now: number,
): { readonly alarm: Alarm | null; readonly warn: boolean } {
	if (minutes <= 0 || oldestSeconds === null || oldestSeconds < minutes * 60) {
		return { alarm: null, warn: false };
	}
	const alarm = before ?? { look, since: now };
	return { alarm, warn: alarm.look !== look || now - alarm.since >= patienceMs };
}
