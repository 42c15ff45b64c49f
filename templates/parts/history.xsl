<?xml version="1.0" encoding="UTF-8"?>
<!-- The audit history: who did what to which secret, when, with what outcome. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="history">
<section aria-labelledby="history-heading" id="settings-security-secret-audit-log">
<h2 id="history-heading">History</h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:if test="not(event) and not(error)"><p class="empty">Nothing has happened to secrets yet.</p></xsl:if>
<xsl:if test="event">
<div class="table-frame">
<table class="stacked">
<thead><tr><th scope="col">When</th><th scope="col">Action</th><th scope="col">Secret</th><th scope="col">Key version</th><th scope="col">Result</th><th scope="col">Actor</th></tr></thead>
<tbody><xsl:apply-templates select="event"/></tbody>
</table>
</div>
</xsl:if>
</section>
</xsl:template>

<xsl:template match="event">
<tr id="audit-event-{@id}">
<td data-label="When"><time datetime="{@at}"><xsl:value-of select="@at-text"/></time></td>
<td data-label="Action"><strong><xsl:value-of select="@action"/></strong></td>
<td data-label="Secret" class="long"><xsl:apply-templates select="." mode="subject"/></td>
<td data-label="Key version"><xsl:apply-templates select="." mode="version"/></td>
<td data-label="Result"><code class="outcome {@outcome}">outcome=<xsl:value-of select="@outcome"/></code><xsl:apply-templates select="@error-type"/></td>
<td data-label="Actor"><span class="long"><xsl:value-of select="@actor"/></span><xsl:text> </xsl:text><span class="fine"><xsl:value-of select="@actor-kind"/></span></td>
</tr>
</xsl:template>

<xsl:template match="event" mode="version"><span class="fine">–</span></xsl:template>
<xsl:template match="event[@key-version]" mode="version"><xsl:value-of select="@key-version"/></xsl:template>
<xsl:template match="event" mode="subject"><span class="fine">–</span></xsl:template>
<xsl:template match="event[@secret-name]" mode="subject"><xsl:value-of select="@scope"/>/<xsl:value-of select="@secret-name"/></xsl:template>
<xsl:template match="event[@secret-name and @target]" mode="subject"><a href="/settings/security/secrets/{@target}"><xsl:value-of select="@scope"/>/<xsl:value-of select="@secret-name"/></a></xsl:template>

<xsl:template match="event/@error-type"><xsl:text> </xsl:text><a class="fine" href="/errors/{.}"><xsl:value-of select="."/></a></xsl:template>
</xsl:stylesheet>
