import type { Limits } from '../config/limits.js';
import type { Oid } from '../model/observation.js';
import { contentFacts, linkTargets } from './inspectContent.js';
import { plainDraft, type Draft, type DraftList } from './inspectDrafts.js';
import { readObjects, type Reader } from './inspectObjects.js';
import type { Mark, TreeNode } from './inspectScan.js';
import { isTreeMode, linkMode, submoduleMode, treeEntries } from './inspectTree.js';
import { joinPath, measureTrees, pathThrough, placeTrees, unnamedTrees, type Place } from './inspectWalk.js';
import { isDotGit, judgeLink, judgeName } from './policyPath.js';
import { fileRisk, folderOf, type ContentKind, type Folder, type Risk } from './policyRisk.js';

/** The trees of the packs as they were scanned. */
export interface Scanned {
	readonly limits: Limits;
	readonly oidBytes: number;
	readonly nodes: readonly TreeNode[];
	/** Position of every tree. */
	readonly trees: ReadonlyMap<Oid, number>;
	/** The trees that commits name. */
	readonly roots: readonly number[];
	readonly bigBlobs: ReadonlyMap<Oid, number>;
}

/** An entry at its place, whose content decides. */
interface Candidate {
	readonly place: Place;
	readonly mark: Mark;
}

type ContentCandidate = Candidate & { readonly risk: Risk; readonly kind: ContentKind };

const modulesRisk: Risk = { code: 'gitmodules-unsafe', detail: '', read: 'modules' };
const longestPath = 65_536;

/** Applies every rule to the scanned trees and adds what breaks one, whether home has the same already or not. */
export async function draftFindings(reader: Reader, scanned: Scanned, drafts: DraftList): Promise<void> {
	draftMeasures(scanned, drafts);
	reader.check();
	const places = placeTrees(scanned.nodes, scanned.roots, () => reader.check());
	reader.check();
	const links: Candidate[] = [];
	const contents: ContentCandidate[] = [];
	const placed = new Set<number>();
	const special: Place[] = [];
	const bigBlobs = new Map(scanned.bigBlobs);
	for (const place of places) {
		if (place.folder !== null) {
			special.push(place);
		}
		if (placed.has(place.tree)) {
			continue;
		}
		placed.add(place.tree);
		const node = scanned.nodes[place.tree]!;
		for (const { code, level, detail, name, isIn } of node.faults) {
			drafts.add({ ...at(place, node, name ?? ''), code, level, detail, isIn });
		}
		for (const mark of node.marks) {
			const size = scanned.bigBlobs.get(mark.oid);
			if (size !== undefined) {
				bigBlobs.delete(mark.oid);
				drafts.add({
					...entryDraft(place, node, mark),
					code: 'blob-too-large',
					level: 'block',
					detail: `${size} bytes`,
					objects: [mark.oid],
				});
			}
			draftMark({ place, mark }, node, drafts, links, contents);
		}
	}
	for (const [oid, size] of bigBlobs) {
		drafts.add(plainDraft('blob-too-large', oid, `${size} bytes`, [oid]));
	}
	await draftSpecial(reader, scanned, special, drafts);
	await draftLinks(reader, scanned.nodes, links, drafts);
	await draftContents(reader, scanned.nodes, contents, drafts);
}

function draftMeasures({ nodes, roots, limits }: Scanned, drafts: DraftList): void {
	const { files, depth, deepest, pathBytes, longest } = measureTrees(nodes);
	for (const root of new Set([...roots, ...unnamedTrees(nodes)])) {
		const { oid } = nodes[root]!;
		if (files[root]! > limits.files) {
			const amount = files[root]! < Number.MAX_SAFE_INTEGER ? String(files[root]) : 'uncountable';
			drafts.add(plainDraft('too-many-files', oid, `${amount} files`, [oid]));
		}
		const addPath = (code: 'path-too-deep' | 'path-too-long', through: Int32Array, detail: string): void => {
			const dir = pathThrough(nodes, root, through, longestPath);
			const known = dir.length < longestPath ? dir : null;
			drafts.add({ ...plainDraft(code, dir, detail, [oid]), dir: known, isIn: () => true });
		};
		if (depth[root]! > limits.depth) {
			addPath('path-too-deep', deepest, `${depth[root]} names`);
		}
		if (pathBytes[root]! > limits.pathBytes) {
			addPath('path-too-long', longest, `${pathBytes[root]} bytes`);
		}
	}
}

/** The parts of a draft that say where: in which tree, at which path. */
function at(place: Place, node: TreeNode, name: string): Pick<Draft, 'path' | 'objects' | 'dir' | 'read' | 'entry'> {
	const path = name === '' ? place.dir : joinPath(place.dir, name);
	return {
		path: place.origin === null ? path : `${place.origin}:${path}`,
		objects: [node.oid],
		dir: place.origin === null ? place.dir : null,
		read: null,
		entry: null,
	};
}

/** The parts of a draft about one entry, which is nothing new where home's folder has that very entry. */
function entryDraft(place: Place, node: TreeNode, mark: Mark): Omit<Draft, 'code' | 'level' | 'detail'> {
	const { name } = mark.facts;
	return {
		...at(place, node, name),
		isIn: (base) => base.get(name)?.oid === mark.oid && base.get(name)?.mode === mark.mode,
		entry: mark.oid,
	};
}

function draftMark(
	candidate: Candidate,
	node: TreeNode,
	drafts: DraftList,
	links: Candidate[],
	contents: ContentCandidate[],
): void {
	const { place, mark } = candidate;
	const { facts, mode } = mark;
	if (mode === linkMode) {
		links.push(candidate);
	}
	if (facts.isModules && mode === linkMode) {
		const detail = 'git would follow it';
		drafts.add({ ...entryDraft(place, node, mark), code: 'gitmodules-symlink', level: 'block', detail });
	}
	const risk = facts.isModules ? modulesRisk : entryRisk(facts.folded, mode, null);
	if (risk?.read === null) {
		drafts.add({ ...entryDraft(place, node, mark), code: risk.code, level: 'warn', detail: risk.detail });
	} else if (risk !== null && !isTreeMode(mode) && mode !== submoduleMode && mode !== linkMode) {
		contents.push({ ...candidate, risk, kind: risk.read });
	} else if (risk?.read === 'package' && mode === linkMode) {
		const detail = 'a symbolic link in its place';
		drafts.add({ ...entryDraft(place, node, mark), code: risk.code, level: 'warn', detail });
	}
}

/** The risk of an entry in a folder: of a file by its name, of anything else that stands where a folder would matter. */
function entryRisk(folded: string, mode: number, folder: Folder | null): Risk | null {
	const isFile = !isTreeMode(mode) && mode !== submoduleMode;
	const risk = isFile ? fileRisk(folded, folder) : null;
	const isRegular = isFile && mode !== linkMode;
	return risk ?? (isRegular ? null : (folderOf(folded, folder)?.risk ?? null));
}

async function draftSpecial(
	reader: Reader,
	{ nodes, trees, oidBytes }: Scanned,
	places: readonly Place[],
	drafts: DraftList,
): Promise<void> {
	const byOid = new Map<Oid, Place[]>();
	for (const place of places) {
		const { oid, bytes } = nodes[place.tree]!;
		// Zero also for a tree that is too large to be read, which blocks by itself.
		if (bytes === 0) {
			continue;
		}
		byOid.set(oid, [...(byOid.get(oid) ?? []), place]);
	}
	const objects = [...byOid.keys()].map((oid) => ({ oid, type: 'tree', size: nodes[trees.get(oid)!]!.bytes }));
	await readObjects(reader, objects, ({ oid }, bytes) => {
		for (const [name, { mode, oid: entryOid }] of treeEntries(bytes, oidBytes)) {
			if (isTreeMode(mode) && trees.has(entryOid)) {
				continue;
			}
			const mark: Mark = { facts: judgeName(name), mode, oid: entryOid };
			for (const place of byOid.get(oid)!) {
				const risk = entryRisk(mark.facts.folded, mode, place.folder);
				if (risk !== null && risk.read === null) {
					const { code, detail } = risk;
					drafts.add({ ...entryDraft(place, nodes[place.tree]!, mark), code, level: 'warn', detail });
				}
			}
		}
	});
}

async function draftLinks(
	reader: Reader,
	nodes: readonly TreeNode[],
	links: readonly Candidate[],
	drafts: DraftList,
): Promise<void> {
	const targets = await linkTargets(
		reader,
		links.map(({ mark }) => mark.oid),
	);
	for (const { place, mark } of links) {
		const node = nodes[place.tree]!;
		const target = targets.get(mark.oid) ?? null;
		const detail =
			target === null
				? 'the target of the link cannot be read'
				: judgeLink(target, place.origin === null ? place.depth : null);
		if (detail !== null) {
			drafts.add({ ...entryDraft(place, node, mark), code: 'symlink-outside', level: 'warn', detail });
		}
		if (node.clashing.has(mark.facts.name) && (target === null || isDotGit(target))) {
			const clash = 'a symbolic link into .git that can take the place of another name';
			drafts.add({ ...entryDraft(place, node, mark), code: 'case-clash', level: 'block', detail: clash });
		}
	}
}

async function draftContents(
	reader: Reader,
	nodes: readonly TreeNode[],
	candidates: readonly ContentCandidate[],
	drafts: DraftList,
): Promise<void> {
	const factsOf = await contentFacts(
		reader,
		candidates.map(({ kind, mark }) => ({ kind, oid: mark.oid })),
	);
	for (const { place, mark, risk, kind } of candidates) {
		const facts = factsOf(kind, mark.oid);
		if (facts.length > 0) {
			const { name } = mark.facts;
			const isHarmless = kind !== 'modules' || (facts.length === 1 && facts[0] === 'the file cannot be parsed');
			drafts.add({
				...entryDraft(place, nodes[place.tree]!, mark),
				code: risk.code,
				level: isHarmless ? 'warn' : 'block',
				detail: facts.join(', '),
				isIn: (base, baseFacts) => {
					const entry = base.get(name);
					const known = entry === undefined ? [] : baseFacts(kind, entry.oid);
					return facts.every((fact) => known.includes(fact));
				},
				read: { name, kind },
			});
		}
	}
}
