import type { Zone } from './zone.js';

/** Locales that use the common abbreviations of their own zones. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ', 'en-CA'];
const PLAIN_OFFSET = /^(?:GMT|UTC)[+-]|^[+-]/;

/** `CET`, `Central European Standard Time`: what English speakers call the zone at an instant. */
export function zoneNameOf(zone: Zone, epochMs: number, isFull: boolean): string {
  if (zone.id === 'GMT') return isFull ? 'Greenwich Mean Time' : 'GMT';
  if (zone.id === 'UTC' || zone.id === 'Z') return isFull ? 'Coordinated Universal Time' : zone.id;
  if (!/^[A-Z][A-Za-z]+(?:\/|\d|$)/.test(zone.id)) return zone.id;
  let name = zone.id;
  for (const locale of LOCALES) {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone.id, timeZoneName: isFull ? 'long' : 'short' });
    name = format.formatToParts(epochMs).find((part) => part.type === 'timeZoneName')?.value ?? name;
    if (!PLAIN_OFFSET.test(name)) return name;
  }
  return name;
}

/** Abbreviations as zones, for parsing. Where one is used in several countries, the one that Java prefers. */
export const ZONES_BY_NAME: Readonly<Record<string, string>> = {
  EST: 'America/New_York',
  EDT: 'America/New_York',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  AKST: 'America/Anchorage',
  AKDT: 'America/Anchorage',
  HST: 'Pacific/Honolulu',
  BST: 'Europe/London',
  WET: 'WET',
  WEST: 'WET',
  CET: 'CET',
  CEST: 'CET',
  EET: 'EET',
  EEST: 'EET',
  MSK: 'Europe/Moscow',
  IST: 'Asia/Kolkata',
  JST: 'Asia/Tokyo',
  KST: 'Asia/Seoul',
  AEST: 'Australia/Sydney',
  AEDT: 'Australia/Sydney',
  NZST: 'Pacific/Auckland',
  NZDT: 'Pacific/Auckland',
};
