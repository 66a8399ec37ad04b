import { source } from 'axe-core';
import type { FrameLocator, Page } from 'playwright-core';

/** What axe found, as far as it is told here. */
interface Found {
	readonly passes: readonly { readonly id: string }[];
	readonly violations: readonly {
		readonly id: string;
		readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
	}[];
}

const options = JSON.stringify({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });

/**
 * What is hard to see or to hear on a page, by the rules of WCAG 2.2 AA, with the colours that it has now: the rule and the
 * part. No script runs in our pages, so a copy is judged, in the tab `beside`.
 */
export async function hindrancesOn(page: FrameLocator, beside: Page): Promise<string[]> {
	const copy = await page.locator('html').evaluate((html) => html.outerHTML);
	// What it may load and run was for the page alone; its colours are set on the copy from inside.
	await beside.setContent(`<!DOCTYPE html>${copy}`.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''));
	// The editor that the page lies on gives the ground.
	await beside.addStyleTag({ content: 'html { background: var(--vscode-editor-background) }' });
	await beside.evaluate(source);
	const { passes, violations } = await beside.evaluate<Found>(`axe.run(${options})`);
	if (!passes.some(({ id }) => id === 'color-contrast') && !violations.some(({ id }) => id === 'color-contrast')) {
		throw new Error('the colours were not judged');
	}
	return violations.flatMap(({ id, nodes }) =>
		nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 100)}: ${failureSummary}`),
	);
}
