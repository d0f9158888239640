// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

//AssemblyReference -Name System.Xml.dll -CLR Framework

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;

namespace ansible_collections.netdrive.windows.plugins.module_utils.XmlText
{
    /// <summary>XML as people and tools leave it: names in any case and order, attributes that may be missing. Nothing outside of the text is read.</summary>
    internal static class Xml
    {
        private const int Deepest = 100;
        private const int Most = 20000;  // elements and texts

        /// <param name="text">Null for a file that is not there.</param>
        /// <returns>Null for no text.</returns>
        /// <exception cref="NotReadException">It is no XML, or has a document type, which could make it grow without end.</exception>
        public static XmlDocument Parse(string text)
        {
            if (text == null)
                return null;
            XmlReaderSettings settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, CheckCharacters = false };
            XmlDocument document = new XmlDocument { XmlResolver = null };
            try
            {
                using (XmlReader reader = XmlReader.Create(new StringReader(text.TrimStart()), settings))
                    document.Load(reader);
                Refuse(document);
                return document;
            }
            catch (XmlException e)
            {
                throw new NotReadException("is no valid XML (line " + e.LineNumber + ")");
            }
        }

        // Windows's own reader of inner text goes down by calling itself, until there is no stack left.
        private static void Refuse(XmlDocument document)
        {
            int depth = 0, count = 0;
            XmlNode node = document;
            while (node != null)
            {
                if (depth > Deepest || ++count > Most)
                    throw new NotReadException(depth > Deepest ? "is nested too deep" : "has more than " + Most + " parts");
                XmlNode next = node.FirstChild;
                depth += next != null ? 1 : 0;
                while (next == null && node != document)
                {
                    next = node.NextSibling;
                    node = node.ParentNode;
                    depth -= next == null ? 1 : 0;
                }
                node = next;
            }
        }

        /// <summary>The elements of this name, at any depth.</summary>
        public static IEnumerable<XmlElement> Elements(XmlNode within, string name)
        {
            return Elements(within).Where(element => Same(element.LocalName, name));
        }

        /// <summary>All elements, at any depth.</summary>
        public static IList<XmlElement> Elements(XmlNode within)
        {
            List<XmlElement> found = new List<XmlElement>();
            XmlNode node = within.FirstChild;
            while (node != null)
            {
                if (node is XmlElement)
                    found.Add((XmlElement)node);
                XmlNode next = node.FirstChild;
                while (next == null && node != within)
                {
                    next = node.NextSibling;
                    node = node.ParentNode;
                }
                node = next;
            }
            return found;
        }

        /// <summary>The first element of this name that is a child; null where there is none.</summary>
        public static XmlElement Child(XmlNode parent, string name)
        {
            return parent.ChildNodes.OfType<XmlElement>().FirstOrDefault(element => Same(element.LocalName, name));
        }

        /// <summary>The text of a child; empty where there is none.</summary>
        public static string ChildText(XmlNode parent, string name)
        {
            XmlElement child = Child(parent, name);
            return child == null ? "" : child.InnerText.Trim();
        }

        /// <summary>An attribute's value; empty where there is none.</summary>
        public static string Attribute(XmlElement element, string name)
        {
            XmlAttribute attribute = element.Attributes.Cast<XmlAttribute>().FirstOrDefault(each => Same(each.LocalName, name));
            return attribute == null ? "" : attribute.Value;
        }

        /// <summary>The named attributes as text, those that are there.</summary>
        public static string Shown(XmlElement element, params string[] names)
        {
            return String.Join(" ", names.Where(name => Attribute(element, name).Length > 0).Select(name => name + "=\"" + Attribute(element, name) + "\""));
        }

        /// <summary>The values of attributes, at any depth, and the texts of elements without others in them.</summary>
        /// <param name="without">Attributes that are passed over.</param>
        public static IEnumerable<string> Texts(XmlElement element, params string[] without)
        {
            List<XmlElement> all = new List<XmlElement> { element };
            all.AddRange(Elements(element));
            IEnumerable<string> attributes = all.SelectMany(each => each.Attributes.Cast<XmlAttribute>())
                .Where(attribute => !without.Any(name => Same(attribute.LocalName, name))).Select(attribute => attribute.Value);
            IEnumerable<string> texts = all.Where(each => !each.ChildNodes.OfType<XmlElement>().Any()).Select(each => each.InnerText);
            return attributes.Concat(texts).Where(text => text.Trim().Length > 0).ToList();
        }

        private static bool Same(string one, string other)
        {
            return String.Equals(one, other, StringComparison.OrdinalIgnoreCase);
        }
    }
}
