import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';
import { openApiDocument } from './openapi.ts';

/** What others make of our documents: Redocly's linter, all of its recommended rules as errors. */
const config = await createConfig({
  extends: ['recommended-strict'],
  // A token stands in the `connect` message, which none of AsyncAPI's security schemes can say.
  async3Rules: { 'security-defined': 'off' },
});

async function problemsOf(document: object): Promise<string[]> {
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
}

type Fields = { [name: string]: Fields };
/** A copy of a document with one thing changed. */
function changed(document: object, change: (copy: Fields) => void): object {
  const copy = JSON.parse(JSON.stringify(document)) as Fields;
  change(copy);
  return copy;
}

describe('openapi.json', () => {
  const document = openApiDocument('0.1.0');

  it('is one', async () => {
    expect(await problemsOf(document)).toEqual([]);
  });

  it.each<[string, (copy: Fields) => void]>([
    ['without responses', ({ paths }) => delete paths!['/v1/calls']!.get!.responses],
    ['with a reference to nothing', ({ components }) => delete components!.schemas!.CallState],
    ['with a field that there is not', ({ info }) => (info!.titel = {})],
    [
      'with a path parameter that is not described',
      ({ paths }) => delete paths!['/v1/calls/{callId}']!.get!.parameters,
    ],
  ])('is none %s', async (_, change) => {
    expect(await problemsOf(changed(document, change))).not.toEqual([]);
  });
});

describe('asyncapi.json', () => {
  const document = asyncApiDocument('0.1.0');

  it('is one', async () => {
    expect(await problemsOf(document)).toEqual([]);
  });

  it.each<[string, (copy: Fields) => void]>([
    ['without an action', ({ operations }) => delete operations!.feed!.action],
    ['with a reference to nothing', ({ components }) => delete components!.messages!.event],
    ['with a field that there is not', ({ channels }) => (channels!.socket!.adress = {})],
    ['without channels of operations', ({ operations }) => delete operations!.tap!.channel],
  ])('is none %s', async (_, change) => {
    expect(await problemsOf(changed(document, change))).not.toEqual([]);
  });
});
