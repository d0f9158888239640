// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using Newtonsoft.Json;

namespace Microsoft.PowerShell.Commands;

/// <summary>What ConvertFrom-Json makes of a string that looks like an ISO 8601 date.</summary>
public enum JsonDateKind
{
    Default,
    Local,
    Utc,
    Offset,
    String,
}

[Cmdlet(VerbsData.ConvertFrom, "Json")]
public sealed class ConvertFromJsonCommand : Cmdlet
{
    private readonly List<string> lines = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string InputObject { get; set; } = "";

    [Parameter]
    public SwitchParameter AsHashtable { get; set; }

    [Parameter]
    [ValidateRange(ValidateRangeKind.Positive)]
    public int Depth { get; set; } = 1024;

    [Parameter]
    public SwitchParameter NoEnumerate { get; set; }

    [Parameter]
    public JsonDateKind DateKind { get; set; }

    protected override void ProcessRecord() => lines.Add(InputObject);

    // Several strings are several documents if the first one is, else the lines of one.
    protected override void EndProcessing()
    {
        if (lines.Count > 1 && IsDocument(lines[0]))
        {
            lines.ForEach(Convert);
        }
        else if (lines.Count > 0)
        {
            Convert(string.Join(Environment.NewLine, lines));
        }
    }

    private bool IsDocument(string json)
    {
        try
        {
            return Read(json) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Convert(string json)
    {
        try
        {
            WriteObject(Read(json), enumerateCollection: !NoEnumerate);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"Conversion from JSON failed with error: {e.Message}", e);
        }
    }

    private object? Read(string json)
    {
        using var reader = new JsonTextReader(new StringReader(json)) { MaxDepth = Depth };
        (reader.DateParseHandling, reader.DateTimeZoneHandling) = DateKind switch
        {
            JsonDateKind.Local => (DateParseHandling.DateTime, DateTimeZoneHandling.Local),
            JsonDateKind.Utc => (DateParseHandling.DateTime, DateTimeZoneHandling.Utc),
            JsonDateKind.Offset => (DateParseHandling.DateTimeOffset, DateTimeZoneHandling.RoundtripKind),
            JsonDateKind.String => (DateParseHandling.None, DateTimeZoneHandling.RoundtripKind),
            _ => (DateParseHandling.DateTime, DateTimeZoneHandling.RoundtripKind),
        };
        var value = Next(reader) ? Value(reader) : null;
        while (reader.Read())
        {
            // Only comments may follow: the reader throws at anything else.
        }
        return value;
    }

    private static bool Next(JsonTextReader reader)
    {
        while (reader.Read())
        {
            if (reader.TokenType != JsonToken.Comment)
            {
                return true;
            }
        }
        return false;
    }

    private static JsonToken Inside(JsonTextReader reader) => Next(reader)
        ? reader.TokenType
        : throw new JsonException($"Unexpected end of the document. Path '{reader.Path}'.");

    private object? Value(JsonTextReader reader) => reader.TokenType switch
    {
        JsonToken.StartObject => AsHashtable ? Dictionary(reader) : Object(reader),
        JsonToken.StartArray => Array(reader),
        JsonToken.Undefined => null,
        _ => reader.Value,
    };

    private IEnumerable<(string Name, object? Value)> Members(JsonTextReader reader)
    {
        while (Inside(reader) != JsonToken.EndObject)
        {
            var name = (string)reader.Value!;
            Inside(reader);
            yield return (name, Value(reader));
        }
    }

    private OrderedHashtable Dictionary(JsonTextReader reader)
    {
        var dictionary = new OrderedHashtable();
        foreach (var (name, value) in Members(reader))
        {
            dictionary[name] = value;
        }
        return dictionary;
    }

    private PSObject Object(JsonTextReader reader)
    {
        var result = new PSObject();
        var seen = new Dictionary<string, PSNoteProperty>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Members(reader))
        {
            if (name.Length == 0)
            {
                throw new JsonException("an object has a name that is empty; -AsHashtable allows it.");
            }
            if (!seen.TryGetValue(name, out var property))
            {
                seen[name] = property = new PSNoteProperty(name, value);
                result.Properties.Add(property, preValidated: true);
            }
            else if (property.Name == name)
            {
                property.Value = value;
            }
            else
            {
                throw new JsonException(
                    $"'{property.Name}' and '{name}' differ only in case; -AsHashtable allows it.");
            }
        }
        return result;
    }

    private object?[] Array(JsonTextReader reader)
    {
        var items = new List<object?>();
        while (Inside(reader) != JsonToken.EndArray)
        {
            items.Add(Value(reader));
        }
        return [.. items];
    }
}
