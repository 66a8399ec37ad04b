import type { ErrorDetails } from './errors.js';
import { reasonIn, sayIn } from './say.js';
import type { Say, Translate } from './say.js';
import { shellWord, shownText } from './text.js';
import type { Face } from './text.js';

/** What to do next, for all faces or for each its own. */
type Next = string | null | Readonly<Record<Face, string | null>>;

/** How the facts of an error become words. */
export type Words = (facts: Facts) => { readonly message: string; readonly next: Next };

/** The details of an error, each safe to show. */
export interface Facts {
	/** A sentence, or a part of one, in the reader's language. */
	readonly say: Say;
	readonly nothingChanged: string;
	/** Nothing of the user's was changed, and what was fetched is kept. */
	readonly rescued: string;
	/** The first of these details that says something. */
	first(...keys: readonly string[]): string | undefined;
	/** The same, between quotation marks. */
	quoted(...keys: readonly string[]): string | undefined;
	/** The same, put into `text` in place of `{}`; nothing at all where there is none. */
	in(text: string, ...keys: readonly string[]): string;
	/** The session's name as a word of a command, or `unknown` in its place. */
	session(unknown?: string): string;
}

/** The facts in an error's details. */
export function factsOf(details: ErrorDetails, translate: Translate): Facts {
	const say = sayIn(translate);
	const first = (...keys: readonly string[]): string | undefined => {
		for (const key of keys) {
			const text = factText(details[key], say, translate);
			if (text !== undefined) {
				return text;
			}
		}
		return undefined;
	};
	return {
		say,
		nothingChanged: say`Nothing of yours was changed.`,
		rescued: say`Nothing of yours was changed, and all work that was fetched is kept under refs/homeport.`,
		first,
		quoted: (...keys) => {
			const text = first(...keys);
			return text === undefined ? undefined : `"${text}"`;
		},
		in: (text, ...keys) => {
			const fact = first(...keys);
			const [before = '', after = ''] = text.split('{}');
			return fact === undefined ? '' : say(Object.assign([before, after], { raw: [before, after] }), fact);
		},
		session: (unknown = 'SESSION') => shellWord(first('session', 'name') ?? unknown),
	};
}

const mostShown = 10;
const longestFact = 2000;

function factText(fact: unknown, say: Say, translate: Translate): string | undefined {
	if (Array.isArray(fact)) {
		const texts = fact.map((one) => factText(one, say, translate)).filter((text) => text !== undefined);
		const rest = texts.length > mostShown ? say`, and ${texts.length - mostShown} more` : '';
		return texts.length === 0 ? undefined : `${texts.slice(0, mostShown).join(', ')}${rest}`;
	}
	if (typeof fact === 'number' || typeof fact === 'boolean') {
		return String(fact);
	}
	const text = typeof fact === 'string' ? shownText(fact.trim().replace(/\s*\n\s*/g, '; '), longestFact) : '';
	return text === '' ? undefined : reasonIn(text, translate);
}

/** The text as a sentence. */
export function sentence(text: string): string {
	return /[.!?]$/.test(text) ? text : `${text}.`;
}
