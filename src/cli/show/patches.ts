import { count, shellWord, shownText } from '../../core/base/text.js';
import type { PatchRequest, PatchResult, PatchSeries } from '../../core/model/patches.js';
import type { Call } from '../call.js';
import { shortOid } from './plan.js';

const longestPath = 4096;

/** What was made of each branch, in plain words, and what could not be. */
export function patchesLines(result: PatchResult, request: PatchRequest, call: Call): string[] {
	const session = shownText(result.session);
	const ledger = `\`homeport ledger ${shellWord(session)}\``;
	return [
		...(result.series.length === 0 ? [`${session}: it has no commit to make a patch of`] : []),
		...result.series.flatMap((series) => seriesLines(series, request.dryRun, call)),
		...(result.nothingUncommitted ? ['nothing is uncommitted on these branches'] : []),
		...(request.uncommitted && result.missing > 0
			? [`${count(result.missing, 'item')} could not be taken, and ${ledger} lists them`]
			: []),
	];
}

function seriesLines(series: PatchSeries, dryRun: boolean, call: Call): string[] {
	const name = series.branch === null ? 'the detached HEAD' : shownText(series.branch);
	const { commits, merges, empty, indented, base } = series;
	const patches = commits + (series.uncommitted === null ? 0 : 1);
	const onto = base === null ? 'an empty tree, for it has no commit in common with home' : shortOid(base);
	const last = series.uncommitted === null ? '' : ', the last one of uncommitted work';
	const file = series.file === null ? '' : `: ${dryRun ? 'would be ' : ''}${shownText(series.file, longestPath)}`;
	const careful = (text: string): string => `  ${call.errStyle('careful', text)}`;
	return [
		patches === 0
			? `${name}: nothing new, so there is no patch`
			: `${name}: ${count(patches, 'patch', 'patches')} onto ${onto}${last}${file}`,
		...(merges === 0
			? []
			: [careful(`${count(merges, 'merge')} left out: what a merge changes by itself is in no patch`)]),
		...(empty === 0 ? [] : [`  ${count(empty, 'commit')} left out for changing no file`]),
		...(indented === 0
			? []
			: [
					careful(
						`lines of ${count(indented, 'message')} look like a patch; they are indented, or git would apply them`,
					),
				]),
	];
}
