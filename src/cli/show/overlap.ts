import { count, shownText } from '../../core/base/text.js';
import { homeSide, type Overlap, type OverlapPair, type OverlapSide } from '../../core/model/overlap.js';
import type { Call } from '../call.js';
import { table } from '../table.js';

/** What was compared and when it was seen, each two that meet, and the order of merging. */
export function overlapLines(overlap: Overlap, call: Call): string[] {
	const { sides, pairs, order } = overlap;
	const compared = table(
		['compared', 'branch', 'uncommitted', 'seen'],
		sides.map((side) => [shownText(side.id), side.branch ?? 'detached', side.uncommitted ? 'yes' : '', seen(side)]),
		call.style,
		call.terminal.width,
	);
	return [
		...(sides.length === 0 ? ['there is nothing to compare'] : compared),
		...(sides.length > 1 && pairs.length === 0 ? ['no two of them changed the same'] : []),
		...pairs.flatMap((pair) => pairLines(pair, call)),
		...(order.length < 2
			? []
			: [`order of merging with the fewest conflicts: ${order.map((id) => shownText(id)).join(', ')}`]),
	];
}

/** Sessions of which nothing is known. */
export function unseenLines({ unseen }: Overlap): string[] {
	return unseen.length === 0
		? []
		: [
				`never seen with a commit: ${unseen.map((id) => shownText(id)).join(', ')}; \`homeport rescue --all\` looks at them`,
			];
}

function seen(side: OverlapSide): string {
	return side.id === homeSide ? 'now' : shownText(side.seen ?? '');
}

function pairLines({ a, b, common, conflicts, unrelated }: OverlapPair, call: Call): string[] {
	const both = call.style('heading', `${shownText(a)} and ${shownText(b)}`);
	if (unrelated) {
		return [`${both}: ${call.style('careful', 'no commit in common')}`];
	}
	if (conflicts.length === 0) {
		return [`${both}: ${count(common.length, 'path')} changed by both, ${call.style('good', 'clean')}`];
	}
	return [
		`${both}: ${call.style('careful', count(conflicts.length, 'conflict'))}`,
		...conflicts.map(({ path, kind }) => `  ${shownText(path, 4096)} (${shownText(kind)})`),
	];
}
