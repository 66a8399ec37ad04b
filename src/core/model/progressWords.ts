import { sayIn } from '../base/say.js';
import type { Say, Translate } from '../base/say.js';
import { byteText } from '../base/text.js';
import type { Moved, Progress, SyncPhase } from './report.js';

/** How far an operation has come, in the language of `translate`: `fetching: 120 of 300 objects, 1.2 MB`. */
export function progressText({ phase, moved }: Progress, translate: Translate, language = 'en'): string {
	const say = sayIn(translate);
	const name = phases[phase](say);
	return moved === undefined ? name : `${name}: ${movedText(moved, say, language)}`;
}

const phases: Readonly<Record<SyncPhase, (say: Say) => string>> = {
	observe: (say) => say`looking at the session`,
	fetch: (say) => say`fetching`,
	inspect: (say) => say`inspecting what came`,
	adopt: (say) => say`keeping what came`,
	plan: (say) => say`planning`,
	apply: (say) => say`changing home`,
	push: (say) => say`sending to the session`,
};

function movedText({ step, objects, of, bytes }: Moved, say: Say, language: string): string {
	const [done, all] = [objects, of].map((amount) => amount.toLocaleString(language));
	if (step === 'pack') {
		return say`packing ${done} of ${all} objects`;
	}
	const size = byteText(bytes, language);
	return step === 'move' ? say`${done} of ${all} objects, ${size}` : say`unpacking ${done} of ${all} objects, ${size}`;
}
