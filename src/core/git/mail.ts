/** One patch, as it goes into a mailbox. Bytes are strings of one character each. */
export interface PatchMail {
	readonly oid: string;
	/** Author and subject are text of one line. */
	readonly name: string;
	readonly email: string;
	/** As in RFC 2822; null leaves it to the one who applies the patch. */
	readonly date: string | null;
	readonly subject: string;
	/** The message below its subject, as bytes. */
	readonly body: string;
	/** What `git diff-tree -p --binary` prints, as bytes. */
	readonly patch: string;
	readonly number: number;
	readonly total: number;
}

/** A patch as an entry of a mailbox; `indented` tells that lines of its message were, for they looked like a patch. */
export interface WrittenMail {
	readonly text: string;
	readonly indented: boolean;
}

// Where git-mailinfo(1) takes a message to end and the patch to begin. No encoding hides such a line from it.
const looksLikePatch = /^(?=diff -|Index: |---(?:[ \t\v\f\r]|$))/gm;
// What it takes for headers that overrule the mail's own, in the first line of a message.
const looksLikeHeader = /^\s*(?:>?from|subject|date|\[patch\])/i;
// What would not survive git-mailsplit(1) and a mailbox of text, or would steer a terminal that shows it.
const needsEncoding = /^From |[^\P{Cc}\n\t]|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/mu;

/**
 * Writes a patch as mail that plain `git am` applies as it is, whatever stands in its message, its files and their names.
 * The text is ASCII or harmless UTF-8: all else goes as quoted-printable, which keeps carriage returns as well.
 */
export function writeMail(mail: PatchMail): WrittenMail {
	const message = mail.body.replace(/\n+$/, '').replace(looksLikePatch, ' ');
	const from = fromHeader(mail);
	const before = looksLikeHeader.test(message) ? `${from}\n` : '';
	const content = `${before}${message === '' ? '' : `${message}\n`}---\n${mail.patch}-- \nhomeport\n\n`;
	const plain = plainText(content);
	const count = mail.total === 1 ? '' : ` ${mail.number}/${mail.total}`;
	const head = [
		`From ${mail.oid} Mon Sep 17 00:00:00 2001\n`,
		from,
		mail.date === null ? '' : `Date: ${mail.date}\n`,
		`Subject: [PATCH${count}] ${encodedText(mail.subject, /^[\x20-\x7e]*$/.test(mail.subject) && !mail.subject.includes('=?'))}\n`,
		'MIME-Version: 1.0\n',
		'Content-Type: text/plain; charset=UTF-8\n',
		`Content-Transfer-Encoding: ${plain === null ? 'quoted-printable' : '8bit'}\n\n`,
	];
	return {
		text: head.join('') + (plain ?? quotedPrintable(content)),
		indented: message !== mail.body.replace(/\n+$/, ''),
	};
}

function fromHeader({ name, email }: PatchMail): string {
	// Whatever way these are written, git-mailinfo(1) looks for the address by them.
	const shown = name.replace(/[<>@"\\\p{Cc}]/gu, '').trim();
	const address = email.replace(/[<>\s\p{Cc}]/gu, '');
	return `From: ${encodedText(shown, /^[\w .'-]*$/.test(shown))} <${address || 'unknown'}>\n`;
}

function plainText(bytes: string): string | null {
	let text: string;
	try {
		text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
	} catch {
		return null;
	}
	return needsEncoding.test(text) ? null : text;
}

// Room is left in 76 characters for the sign of a broken line, and for the `=46` of one that comes to begin with `From `.
const lineParts = /(?:=[0-9A-F]{2}|[^=]){1,72}/g;

// Bytes as quoted-printable (RFC 2045, 6.7), with no line that a mailbox would take for the start of a mail.
function quotedPrintable(bytes: string): string {
	return bytes
		.split('\n')
		.map(quotedLine)
		.join('\n')
		.replace(/^From /gm, '=46rom ');
}

function quotedLine(line: string): string {
	const quoted = line.replace(
		/[^\t\x20-\x7e]|=|[\t ]$/g,
		(byte) => `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
	);
	return quoted.match(lineParts)?.join('=\n') ?? '';
}

// Text of a header: as it is where it is plain, else in words as RFC 2047 has them.
function encodedText(text: string, isPlain: boolean): string {
	if (isPlain) {
		return text;
	}
	const words: string[] = [];
	let word = '';
	for (const character of text) {
		if (Buffer.byteLength(word + character) > 42) {
			words.push(word);
			word = '';
		}
		word += character;
	}
	words.push(word);
	return words.map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`).join('\n ');
}
