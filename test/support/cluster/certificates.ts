import { type KeyObject, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { bits, boolean, der, integer, octets, oid, sequence, set, utcTime, utf8 } from './der.js';

/** A certificate and its key, both as PEM. */
export interface Certificate {
	readonly certificate: string;
	readonly key: string;
}

export interface Subject {
	readonly commonName: string;
	readonly organizations?: readonly string[];
	/** Names and addresses (IPv4) that a server answers to. */
	readonly hosts?: readonly string[];
	/** Hours from now; -1 is one that has run out. */
	readonly validHours?: number;
}

/** Something that signs certificates. */
export interface Authority {
	readonly certificate: string;
	issue(subject: Subject): Certificate;
}

const signature = sequence(oid('1.2.840.10045.4.3.2'));
const hourMs = 3_600_000;

/** A new authority with a key of its own. */
export function createAuthority(commonName: string): Authority {
	const own = newKey();
	const self = build({ commonName }, own.publicKey, { commonName }, own.privateKey, true);
	return {
		certificate: pem('CERTIFICATE', self),
		issue: (subject) => {
			const { publicKey, privateKey } = newKey();
			return {
				certificate: pem('CERTIFICATE', build(subject, publicKey, { commonName }, own.privateKey, false)),
				key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
			};
		},
	};
}

function newKey(): { publicKey: KeyObject; privateKey: KeyObject } {
	return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function build(subject: Subject, subjectKey: KeyObject, issuer: Subject, issuerKey: KeyObject, ca: boolean): Buffer {
	const { hosts = [], validHours = 240 } = subject;
	const until = Date.now() + validHours * hourMs;
	const body = sequence(
		der(0xa0, integer(Buffer.from([2]))),
		integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
		signature,
		name(issuer),
		sequence(utcTime(new Date(Math.min(Date.now(), until) - 24 * hourMs)), utcTime(new Date(until))),
		name(subject),
		subjectKey.export({ type: 'spki', format: 'der' }),
		der(0xa3, sequence(...extensions(hosts, ca))),
	);
	return sequence(body, signature, bits(sign('sha256', body, { key: issuerKey, dsaEncoding: 'der' })));
}

function name({ commonName, organizations = [] }: Subject): Buffer {
	const part = (kind: string, value: string): Buffer => set(sequence(oid(kind), utf8(value)));
	return sequence(...organizations.map((value) => part('2.5.4.10', value)), part('2.5.4.3', commonName));
}

function extensions(hosts: readonly string[], ca: boolean): Buffer[] {
	const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), octets(value));
	if (ca) {
		return [sequence(oid('2.5.29.19'), boolean(true), octets(sequence(boolean(true))))];
	}
	const usage = extension('2.5.29.37', sequence(oid(`1.3.6.1.5.5.7.3.${hosts.length === 0 ? 2 : 1}`)));
	const names = hosts.map((host) =>
		/^[\d.]+$/.test(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
	);
	return hosts.length === 0 ? [usage] : [usage, extension('2.5.29.17', sequence(...names))];
}

function pem(label: string, bytes: Buffer): string {
	const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
	return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
