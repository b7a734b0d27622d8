import { GraphQLError } from 'graphql';
import { isAsyncIterable, type GraphQLParams, type Plugin } from 'graphql-yoga';
import { parseJson, stringifyJson } from './exactJson.js';

/** Reads and writes the JSON of HTTP requests in place of yoga's JSON.parse and JSON.stringify, which round numbers. */
export const exactHttpJson: Plugin = {
  onRequestParse({ request, setRequestParser }) {
    const type = request.headers.get('content-type')?.split(/[;,]/)[0]?.trim();
    if (request.method === 'GET') setRequestParser(({ url }) => fromParameters(new URL(url).search));
    else if (type === 'application/json' || type === 'application/graphql+json') setRequestParser(async (post) => toParams(parse(await post.text(), 'The body')));
    else if (type === 'application/x-www-form-urlencoded') setRequestParser(async (post) => fromParameters(await post.text()));
  },
  onExecutionResult({ result, setResult }) {
    if (result && !isAsyncIterable(result) && !Array.isArray(result)) setResult(Object.assign(result, { stringify: stringifyJson }));
  },
};

function fromParameters(text: string): GraphQLParams {
  const given = new URLSearchParams(text);
  const value = (name: string) => given.get(name) || undefined;
  const json = (name: string) => (value(name) === undefined ? undefined : parse(value(name)!, name));
  return { query: value('query'), operationName: value('operationName'), variables: json('variables'), extensions: json('extensions') } as GraphQLParams;
}

function toParams(body: unknown): GraphQLParams {
  if (typeof body !== 'object' || body === null) throw badRequest('The body has to be a JSON object.');
  return body;
}

function parse(text: string, what: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw badRequest(`${what} is not valid JSON.`);
  }
}

const badRequest = (message: string) => new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
