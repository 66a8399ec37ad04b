import { deepStrictEqual } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { coreTexts } from '../support/coreTexts.js';

type Texts = Readonly<Record<string, string>>;

const read = (file: string): Texts => JSON.parse(readFileSync(file, 'utf8')) as Texts;
const languages = globSync('l10n/bundle.l10n.*.json').map((file) => file.split('.').at(-2)!);
const manifest = read('package.nls.json');

/** The texts that the source hands to `l10n.t`, which are the keys of a translation, and those of the core. */
function textsOfSource(): string[] {
	const call = /l10n\.t\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\$]|\\.)*)`|(.))/g;
	// The one file that hands over what the core says.
	const files = globSync('src/ui/**/*.ts').filter((file) => !file.endsWith('coreWords.ts'));
	const found = files.flatMap((file) =>
		[...readFileSync(file, 'utf8').matchAll(call)].map(([, single, double, back, other]) => {
			const text = single ?? double ?? back;
			if (text === undefined) {
				throw new Error(`${file} hands over something that is no text: ${other ?? ''}`);
			}
			return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
		}),
	);
	return [...new Set([...found, ...coreTexts()])].sort();
}

/** Places for values, links and code, which a translation has to keep. */
function kept(text: string): string[] {
	return [...text.matchAll(/\{\d\}|\]\([^)]*\)|`[^`]*`/g)].map(([found]) => found).sort();
}

describe('the translations', () => {
	it('are there in German', () => deepStrictEqual(languages, ['de']));

	for (const language of languages) {
		it(`to ${language} have every text of the source and of the manifest, and no other`, () => {
			deepStrictEqual(Object.keys(read(`l10n/bundle.l10n.${language}.json`)).sort(), textsOfSource());
			deepStrictEqual(Object.keys(read(`package.nls.${language}.json`)).sort(), Object.keys(manifest).sort());
		});

		it(`to ${language} say something, and keep what a text has in it that is no word`, () => {
			const pairs = [
				...Object.entries(read(`l10n/bundle.l10n.${language}.json`)),
				...Object.entries(read(`package.nls.${language}.json`)).map(
					([key, text]) => [manifest[key] ?? '', text] as const,
				),
			];
			deepStrictEqual(
				pairs.filter(([text, translated]) => translated.trim() === '' || kept(text).join() !== kept(translated).join()),
				[],
			);
		});
	}
});
