import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import type { Finding, FindingCode, FindingLevel } from '../model/finding.js';
import type { Oid } from '../model/observation.js';
import type { BaseFolder } from './inspectScan.js';
import type { ContentFacts } from './inspectContent.js';
import type { ContentKind } from './policyRisk.js';
import { pathText } from './policyPath.js';

/** A finding before it is known whether home has the same already. */
export interface Draft {
	readonly code: FindingCode;
	readonly level: FindingLevel;
	readonly detail: string;
	/** The path's bytes, one character each, or an oid. */
	readonly path: string;
	/** Nothing is new where home has all of these objects. */
	readonly objects: Oid[];
	/** The folder of home to compare with, or null where there is none. */
	readonly dir: string | null;
	/** True where that folder shows the same; `facts` tells what its files say. */
	readonly isIn: (base: BaseFolder, facts: ContentFacts) => boolean;
	/** The file to read in home's folder before `isIn` can tell, or null. */
	readonly read: { readonly name: string; readonly kind: ContentKind } | null;
	/** The entry's own object, for where no folder of home can be compared; else null. */
	readonly entry: Oid | null;
}

/** A draft that blocks and is about objects alone, with no path in a tree to compare. */
export function plainDraft(code: FindingCode, path: string, detail: string, objects: Oid[]): Draft {
	return { code, level: 'block', detail, path, objects, dir: null, isIn: () => false, read: null, entry: null };
}

// More than anybody reads, and about 100 MB.
const mostDrafts = 200_000;

/**
 * Collects drafts; two of one rule, path and object become one that stands while either does. Fails with
 * `limit-exceeded` where there are more than memory allows.
 */
export class DraftList {
	readonly #drafts = new Map<string, Draft>();

	add(draft: Draft): void {
		const key = `${draft.code}\n${draft.level}\n${draft.path}\n${draft.detail}\n${draft.entry ?? ''}`;
		const same = this.#drafts.get(key);
		if (same === undefined) {
			this.#drafts.set(key, draft);
			if (this.#drafts.size > mostDrafts) {
				throw new HomeportError('limit-exceeded', { what: 'findings' });
			}
		} else {
			same.objects.push(...draft.objects);
		}
	}

	all(): Draft[] {
		return [...this.#drafts.values()];
	}
}

/** Findings as they are shown: what blocks first, each path once for a rule, not more of one code than `most`. */
export function toFindings(drafts: readonly Draft[], most: number): Finding[] {
	const groups = new Map<string, Map<string, Finding>>();
	for (const { code, level, path, detail } of drafts) {
		const shown: Finding = { code, level, path: shownText(pathText(path)), detail: shownText(detail, 200) };
		const group = groups.get(`${level} ${code}`) ?? new Map<string, Finding>();
		groups.set(`${level} ${code}`, group);
		if (!group.has(path)) {
			group.set(path, shown);
		}
	}
	const ordered = [...groups.values()].map((group) => [...group.values()]);
	ordered.sort((a, b) => Number(a[0]!.level !== 'block') - Number(b[0]!.level !== 'block'));
	return ordered.flatMap((group) => {
		const { code, level } = group[0]!;
		const rest = group.length - most;
		return rest > 0 ? [...group.slice(0, most), { code, level, path: '…', detail: `and ${rest} more` }] : group;
	});
}
