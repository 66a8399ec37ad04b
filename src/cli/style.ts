import { styleText } from 'node:util';

export type Tone = 'heading' | 'faint' | 'good' | 'careful' | 'bad';

/** Gives text its tone; returns it as it is where there is no colour. */
export type Style = (tone: Tone, text: string) => string;

const formats = {
	heading: 'bold',
	faint: 'dim',
	good: 'green',
	careful: 'yellow',
	bad: 'red',
} as const satisfies Record<Tone, string>;

/** A style with colours, or one that leaves all text as it is. */
export function createStyle(coloured: boolean): Style {
	return coloured ? (tone, text) => styleText(formats[tone], text, { validateStream: false }) : (_tone, text) => text;
}

/**
 * Whether output is coloured: the option decides where it was given, then a `NO_COLOR` that is not empty
 * (no-color.org), then whether a terminal reads it.
 */
export function wantsColor(option: boolean | undefined, env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
	if (option !== undefined) {
		return option;
	}
	return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
